import type { Sql } from "shared/database";

export const NONE = {
  differences: [],
  unfinished: [],
  calls: [],
  transitions: [],
  closed: [],
  disagreements: [],
  strangers: [],
};

/** What must not be found in any task, once all have ended: each list is empty. */
export async function faults(sql: Sql): Promise<Record<keyof typeof NONE, unknown[]>> {
  const [differences, unfinished, calls, transitions, closed, disagreements, strangers] =
    await Promise.all([
      sql`select id, error ->> 'message' as message from tasks where error ->> 'name' = 'NonDeterminismError'`,
      sql`
        select id, status, open_children from tasks
        where status not in ('succeeded', 'failed', 'cancelled') or open_children <> 0`,
      // A call has one child, however often it is started.
      sql`
        select task_id, position, count(distinct child_id) as children
        from events where child_id is not null
        group by task_id, history, position having count(distinct child_id) <> 1`,
      wrongTransitions(sql),
      // A call whose failure has failed an attempt is reopened; a cancellation reopens nothing.
      sql`
        select id, errors from tasks
        where status <> 'cancelled'
          and jsonb_path_exists(errors, '$[*] ? (@.name == "StepFailedError" || @.name == "ChildFailedError" || @.name == "AggregateError")')
          and not exists (select from events where task_id = tasks.id and events.status = 'reopened')`,
      // The last event of a child agrees with its end. A parent that has ended is not told.
      sql`
        select child_id, last.status as told, tasks.status from (
          select distinct on (task_id, child_id) child_id, status
          from events where child_id is not null
          order by task_id, child_id, seq desc
        ) as last
        join tasks on id = child_id
        where last.status <> 'reopened'
          and last.status <> case tasks.status when 'succeeded' then 'succeeded' else 'failed' end::call_status`,
      sql`
        select id, parent_id from tasks
        where parent_id is not null
          and not exists (select from events where task_id = parent_id and child_id = tasks.id)`,
    ]);
  return { differences, unfinished, calls, transitions, closed, disagreements, strangers };
}

/** Tasks whose count of open children is wrong at this moment. Empty if the tables are gone, at the end of a test. */
export async function wrongCounts(sql: Sql): Promise<unknown[]> {
  const rows = sql`
    select id, status, open_children, open
    from tasks
    cross join lateral (
      select count(*)::int as open
      from tasks as child
      where parent_id = tasks.id
        and parent_seq is not null
        and status in ('queued', 'running', 'suspended')
    ) as children
    where open_children <> open`;
  return rows.catch(() => []);
}

/** Events that cannot come after the event before them of the same call. */
function wrongTransitions(sql: Sql) {
  return sql`
    with calls as (
      select task_id, seq, position, kind, events.status, child_id,
             lag(events.status) over (partition by task_id, history, position order by seq) as before
      from events
    )
    select task_id, seq, kind, before, status
    from calls
    where not case coalesce(before::text, 'none')
      when 'none' then status in ('started', 'succeeded', 'failed', 'retried') and (kind <> 'child' or status in ('started', 'failed'))
      when 'started' then status in ('succeeded', 'failed', 'reopened') and kind = 'child'
      when 'retried' then status in ('succeeded', 'failed', 'retried') and kind <> 'child'
      when 'failed' then status = 'reopened'
      when 'succeeded' then false
      -- What is reopened is started or attempted again before anything else.
      when 'reopened' then case
        when kind = 'child' then status = 'started' or (status = 'failed' and child_id is null)
        else status in ('succeeded', 'failed', 'retried')
      end
    end`;
}
