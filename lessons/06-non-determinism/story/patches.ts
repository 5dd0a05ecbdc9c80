import type { Sql } from "shared/database";

/** The orders that have begun, not ended, and not come to this patch: they may need its old path. */
export async function needOldPath(sql: Sql, patch: string): Promise<string[]> {
  const tasks = await sql`
    select id
    from tasks
    where name = 'order'
      and status in ('queued', 'running', 'failed')
      and event_count > 0
      and not exists (
        select from events where task_id = id and kind = 'patched' and events.name = ${patch}
      )
    order by id`;
  return tasks.map(({ id }) => id);
}

/** The orders that have not ended, and hold this patch in their log: they need its call. */
export async function needCall(sql: Sql, patch: string): Promise<string[]> {
  const tasks = await sql`
    select id
    from tasks
    where name = 'order'
      and status in ('queued', 'running', 'failed')
      and exists (
        select from events where task_id = id and kind = 'patched' and events.name = ${patch}
      )
    order by id`;
  return tasks.map(({ id }) => id);
}
