import { UnstorableValueError } from "shared/values";

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

/** Thrown by a handler when retrying is pointless: the task fails at once. */
export class NonRetryableError extends Error {
  override name = "NonRetryableError";
}

/** Returns true if retrying is pointless. */
export function isNonRetryable(error: unknown): boolean {
  return error instanceof NonRetryableError || error instanceof UnstorableValueError;
}

/** The handler ran for longer than the task's `timeoutMs`; the attempt has failed. */
export class TimeoutError extends Error {
  override name = "TimeoutError";
}

/** The task was cancelled. */
export class CancelledError extends Error {
  override name = "CancelledError";
}

/** The worker's lease expired, and the task was taken from it: another worker may be running it. */
export class ClaimLostError extends Error {
  override name = "ClaimLostError";
}

/** The worker is stopping and its deadline has passed: the task goes back to the queue. */
export class WorkerStoppedError extends Error {
  override name = "WorkerStoppedError";
}
