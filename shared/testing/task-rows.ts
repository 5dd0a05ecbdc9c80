import type { Sql } from "../runtime/database/index.ts";

/** Returns a task's row with all its columns. */
export async function row(sql: Sql, id: string): Promise<unknown> {
  const [task] = await sql`select * from tasks where id = ${id}`;
  return task;
}

/** Like `row`, but for polling: the last query may fail because the test has ended and its tables are gone. */
export function polledRow(sql: Sql, id: string): () => Promise<unknown> {
  return () => row(sql, id).catch(() => undefined);
}

/** Returns a task's event log, one line for each event; an empty array if the engine has no event logs. */
export async function log(sql: Sql, id: string): Promise<string[]> {
  const [{ exists } = { exists: false }] =
    await sql`select to_regclass('events') is not null as exists`;
  if (!exists) return [];
  const events = await sql`
    select position, name, status, error ->> 'message' as message
    from events
    where task_id = ${id}
    order by seq`;
  return events.map(({ position, name, status, message }) =>
    [`${position} ${name} ${status}`, ...(message === null ? [] : [message])].join(": "),
  );
}
