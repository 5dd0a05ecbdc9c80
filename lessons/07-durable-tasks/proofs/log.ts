import type { Sql } from "shared/database";

/** A task's event log, a line for each event; empty where there is none. */
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
