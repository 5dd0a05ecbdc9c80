import type { Sql } from "shared/database";

/** A task's row, whatever columns it has. */
export async function row(sql: Sql, id: string): Promise<unknown> {
  const [task] = await sql`select * from tasks where id = ${id}`;
  return task;
}

/** The same for a poll: its last query may still be under way when a test that fails takes the tables away. */
export function polledRow(sql: Sql, id: string): () => Promise<unknown> {
  return () => row(sql, id).catch(() => undefined);
}
