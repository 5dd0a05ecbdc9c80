import type postgres from "postgres";

/** A pool, a reserved connection or a transaction of postgres.js. */
export type Queryable = Pick<postgres.Sql, "unsafe" | "typed">;

/** What pgtyped's queries run on. */
export type TypedConnection = {
  // pgtyped's own types ask for `any` here: it knows what the rows are, this adapter does not.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  query(text: string, values: unknown[]): Promise<{ rows: any[]; rowCount: number }>;
};

// Type 0 tells postgres.js to send the value as the type that the server says the parameter has. Left
// to guess from the JavaScript value, it sends `true` for a jsonb parameter as a boolean.
const DESCRIBED_BY_SERVER = 0;

/**
 * Lets pgtyped's queries run on a connection of postgres.js: `claimTasks.run({ limit }, pgtyped(sql))`.
 * Given a transaction, the query is part of it.
 */
export function pgtyped(sql: Queryable): TypedConnection {
  return {
    async query(text, values) {
      const parameters = values.map((value) =>
        value === null || value === undefined
          ? null
          : sql.typed(value as never, DESCRIBED_BY_SERVER),
      );
      const rows = await sql.unsafe(text, parameters as never[], { prepare: true });
      return { rows, rowCount: rows.count };
    },
  };
}
