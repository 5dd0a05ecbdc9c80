import type { Sql } from "shared/database";

/** A task's row, whatever columns it has. */
export async function row(sql: Sql, id: string): Promise<unknown> {
  const [task] = await sql`select * from tasks where id = ${id}`;
  return task;
}
