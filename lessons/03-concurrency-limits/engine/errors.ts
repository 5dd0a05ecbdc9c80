/** The concurrency key has no limit: call `setConcurrencyLimit` first. Nothing was written. */
export class UnknownConcurrencyKeyError extends Error {
  override name = "UnknownConcurrencyKeyError";

  constructor(key: string) {
    const quoted = JSON.stringify(key);
    super(
      `Concurrency key ${quoted} has no limit; set one first: setConcurrencyLimit(sql, ${quoted}, 10)`,
    );
  }
}
