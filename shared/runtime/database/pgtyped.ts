import postgres from "postgres";

/** A pool, a reserved connection or a transaction of postgres.js. */
export type Queryable = Pick<postgres.Sql, "unsafe" | "typed">;

/** The interface that pgtyped's queries run on. */
export type TypedConnection = {
  // pgtyped's own types require `any` here: pgtyped knows the types of the rows, this adapter does not.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  query(text: string, values: unknown[]): Promise<{ rows: any[]; rowCount: number }>;
};

// With type 0, postgres.js sends the value as the type that the server infers for the parameter. Otherwise
// it guesses from the JavaScript value, and sends `true` for a jsonb parameter as a boolean.
const DESCRIBED_BY_SERVER = 0;

/** Postgres did not reply in time. The statement may have been executed, or may still be. */
export class NoReplyError extends Error {
  override name = "NoReplyError";
  readonly code = "NO_REPLY";
}

/**
 * Returns an adapter that runs pgtyped's queries on postgres.js: `claimTasks.run({ limit }, pgtyped(sql))`.
 * A query that is given a transaction runs in it. Column names are converted to camelCase, as in pgtyped's types, also if
 * the pool does not do so. Values are those that the pool returns.
 *
 * With `replyTimeoutMs`, a query rejects with a `NoReplyError` after that time. On a broken network it would wait until
 * TCP gives up, which takes minutes. Default: no limit.
 */
export function pgtyped(
  sql: Queryable,
  { replyTimeoutMs }: { replyTimeoutMs?: number } = {},
): TypedConnection {
  const db = adapterOf(sql);
  if (replyTimeoutMs === undefined) return db;
  return { query: (text, values) => within(replyTimeoutMs, db.query(text, values)) };
}

function within<T>(ms: number, reply: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new NoReplyError(`Postgres has not replied for ${ms} ms`));
    const timer = setTimeout(giveUp, ms);
    reply.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function adapterOf(sql: Queryable): TypedConnection {
  return {
    async query(text, values) {
      const parameters = values.map((value) =>
        value === null || value === undefined
          ? null
          : sql.typed(value as never, DESCRIBED_BY_SERVER),
      );
      const rows = await sql.unsafe(text, parameters as never[], { prepare: true });
      return { rows: inCamelCase(rows), rowCount: rows.count };
    },
  };
}

function inCamelCase(rows: postgres.RowList<postgres.Row[]>): postgres.Row[] {
  // Undefined for a statement that returns no rows.
  const isRenamed = !rows.columns?.some(({ name }) => name.includes("_"));
  return isRenamed ? rows : rows.map(renamed);
}

function renamed(row: postgres.Row): postgres.Row {
  const columns = Object.entries(row);
  return Object.fromEntries(columns.map(([name, value]) => [postgres.toCamel(name), value]));
}
