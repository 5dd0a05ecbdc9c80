-- From workers that only ask to workers that are called, too. Stop all workers before: what they still run is reclaimed
-- when their leases end. A claim of theirs would not look whether its worker is alive.

begin;

alter table workers
  add column names text[] not null default '{}',
  add column channel text,
  add column has_room boolean not null default false;

alter table tasks
  drop constraint tasks_parent_id_fkey,
  drop constraint tasks_worker_id_fkey;

alter table events
  drop constraint events_task_id_fkey,
  drop constraint events_child_id_fkey;

-- Refuses to delete tasks. No foreign key does it, and the log of a task or of its parent may refer to any of them.
create function refuse_to_delete_tasks() returns trigger
language plpgsql
as $$
begin
  raise exception 'Tasks are never deleted: % is refused', lower(tg_op)
    using hint = 'Event logs refer to tasks. To end a task, cancel it; to run it again from the start, replay it.';
end
$$;

create trigger tasks_are_kept
before delete or truncate on tasks
for each statement execute function refuse_to_delete_tasks();

-- Refuses to delete a worker that has tasks. A claim locks the row of its worker until it commits: who deletes that has
-- waited for it, and this looks after that.
create function refuse_to_leave_tasks() returns trigger
language plpgsql
as $$
begin
  if exists (select from tasks where worker_id = old.id) then
    raise exception 'Worker % has tasks', old.name
      using errcode = 'foreign_key_violation', hint = 'Its tasks have to be taken from it before, or in the same statement.';
  end if;
  return null;
end
$$;

create trigger a_worker_leaves_no_tasks
after delete on workers
for each row execute function refuse_to_leave_tasks();

-- Calls workers that have room for tasks of this name, and no more of them than there are tasks. A call is sent when the
-- transaction commits, and once to each worker, however often it was called.
create function call_workers(for_name text, tasks bigint) returns bigint
language sql volatile
as $$
  select count(pg_notify(channel, '')::text)
  from (
    select channel
    from workers
    where has_room
      and for_name = any (names)
      and channel is not null
    order by random()
    limit tasks
  ) as called
$$;

-- Tells a worker that one of its tasks was cancelled.
create function tell_worker(worker bigint) returns bigint
language sql volatile strict
as $$
  select count(pg_notify(channel, 'cancelled')::text)
  from workers
  where id = worker
    and channel is not null
$$;

create or replace function tell_parents(ended bigint[]) returns bigint
language sql volatile
set enable_seqscan = off  -- A plan that was made when the tables were small is kept when they have grown.
as $$
  with news as (
    select started.*, child.status as child_status,
           case when child.fence > 0 then child.attempt else 0 end as child_attempts,
           child.output as child_output, child.error as child_error,
           row_number() over (partition by started.task_id order by child.id) as nth,
           count(*) over (partition by started.task_id) as total
    from unnest(ended) as ended_id
    cross join lateral (
      select *
      from tasks
      where id = ended_id
      limit 1
    ) as child
    cross join lateral (
      select *
      from events
      where task_id = child.parent_id
        and seq = child.parent_seq
      limit 1
    ) as started
  ),
  woken as (
    update tasks
    set event_count = event_count + total,
        open_children = open_children - total,
        status = case status when 'suspended' then 'queued' else status end,
        run_at = case
          when status = 'suspended' and open_children - total >= 20
          then now() + least(open_children - total, 1000) * interval '1 millisecond'
          else run_at
        end
    from (select distinct task_id, total from news) as totals
    where tasks.id = task_id
    returning tasks.id, event_count, tasks.name, status = 'queued' and run_at <= now() as is_due
  ),
  called as (
    select call_workers(name, count(*))
    from woken
    where is_due
    group by name
  ),
  appended as (
    insert into events (
      task_id, seq, history, position, kind, name, input_hash, attempt, status, child_id, output, error
    )
    select task_id, event_count - total + nth, history, position, kind, news.name, input_hash, attempt,
           case child_status when 'succeeded' then 'succeeded' else 'failed' end::call_status,
           child_id, child_output::json,
           (jsonb_build_object('attempts', child_attempts) || case child_status
             when 'failed' then child_error
             when 'cancelled' then
               '{"name": "CancelledError", "message": "The task was cancelled", "nonRetryable": true, "cancelled": true}'
           end)::json
    from news
    join woken on woken.id = task_id
    returning seq
  )
  select (select count(*) from appended) + (select count(*) from called)
$$;

commit;
