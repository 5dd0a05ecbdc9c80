import type { Sql } from "shared/database";

/** How the worker of a copy has left it: it has handed its tasks back, or is lost. */
export type Crash = "handed back" | "lost";

export type Copy = {
  id: string;
  original: string;
  /** The number of events of its log at the crash. */
  events: number;
  crash: Crash;
};

/** From now on, records the row of each task after each statement. */
export async function keepMoments(sql: Sql): Promise<void> {
  await sql.unsafe(`
    create table moments (
      id           bigint generated always as identity,
      transaction  xid8 default pg_current_xact_id(),
      task         tasks
    );
    create function keep_moment() returns trigger language plpgsql as $$
    begin
      insert into moments (task) values (new);
      return null;
    end $$;
    create trigger keep_moments after insert or update on tasks for each row execute function keep_moment()`);
}

/**
 * For each task without a parent and each event in its log, adds a copy of the task and all tasks below it, as they were when
 * that event was written. The worker of each running copy has handed it back, or is lost.
 */
export async function copyAtEveryEvent(sql: Sql): Promise<Copy[]> {
  await sql.unsafe(`
    drop trigger keep_moments on tasks;

    -- A moment is a whole transaction: what it has changed is visible together.
    create table changes as
    select (task).id as task_id, moments.id, max(id) over (partition by transaction) as moment, task from moments;
    create index on changes (task_id, moment);

    create table trees as
    with recursive trees as (
      select id as root, id from tasks where parent_id is null
      union all
      select root, tasks.id from trees join tasks on parent_id = trees.id
    )
    select * from trees;

    create table cuts as
    select row_number() over (order by root, event_count) as cut, cuts.*
    from (
      select root, (task).event_count as event_count, min(moment) as moment
      from trees
      join changes on task_id = root
      where trees.id = root and (task).event_count > 0
      group by 1, 2
    ) as cuts;

    create table copies as
    select cut, root, event_count, task, version.id, (select max(id) from tasks) + row_number() over (order by cut, version.id) as copy
    from cuts
    join trees using (root)
    cross join lateral (
      select changes.task_id as id, task
      from changes
      where task_id = trees.id and moment <= cuts.moment
      -- One statement may change a row twice: the later version has more events, but its trigger may run first.
      order by changes.moment desc, (task).event_count desc, changes.id desc
      limit 1
    ) as version;
    create index on copies (cut, id);

    with dead as (
      insert into workers (name, lease_expires_at) values ('dead', now() - interval '1 second') returning id
    )
    insert into tasks overriding system value
    select (jsonb_populate_record(copies.task, jsonb_build_object(
      'id', copies.copy,
      'parent_id', parent.copy,
      'status', case when is_handed_back then 'queued' else (copies.task).status end,
      'worker_id', case when (copies.task).status = 'running' and not is_handed_back then dead.id end
    ))).*
    from copies
    cross join lateral (
      -- A task that is to be cancelled is not handed back.
      select (copies.task).status = 'running' and copies.cut % 2 = 0 and (copies.task).cancel_requested_at is null as is_handed_back
    ) as how
    cross join dead
    left join copies as parent on parent.cut = copies.cut and parent.id = (copies.task).parent_id;

    insert into events
    select (jsonb_populate_record(event, jsonb_build_object('task_id', copies.copy, 'child_id', child.copy))).*
    from copies
    join events as event on task_id = copies.id and seq <= (copies.task).event_count
    left join copies as child on child.cut = copies.cut and child.id = child_id;

    select setval(pg_get_serial_sequence('tasks', 'id'), (select max(id) from tasks))`);
  const rows = await sql`
      select copy, root, (task).event_count as events, cut % 2 = 0 as is_back
      from copies
      where id = root
      order by cut`;
  return rows.map(({ copy, root, events, isBack }) => ({
    id: copy,
    original: root,
    events,
    crash: isBack ? "handed back" : "lost",
  }));
}
