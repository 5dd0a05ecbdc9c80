-- From tasks that run alone to tasks that start others and wait for them. Stop all workers first: tasks that they still run are
-- reclaimed when their leases expire. A task that is under way goes on; its log becomes its first history.

begin;
alter type task_status add value 'suspended' before 'succeeded';
alter type call_kind add value 'child';
alter type call_status add value 'started' before 'succeeded';
commit;  -- A new value of a type can be used after its transaction has committed.

alter table tasks
  add column parent_id bigint references tasks,
  add column parent_seq int,
  add column history int not null default 1,
  add column open_children int not null default 0;

alter table events
  add column history int not null default 1,
  add column child_id bigint references tasks;

create index reopened_calls on events (task_id, position, seq) where status = 'reopened';
create index tasks_with_children_left on tasks (id) where open_children > 0 and status in ('succeeded', 'failed', 'cancelled');
create index children_by_parent on tasks (parent_id) where parent_seq is not null and status in ('queued', 'running', 'suspended');

drop function event_log(bigint);
create function event_log(task bigint, of_history int, after_seq int) returns json
language sql volatile
as $$
  select json_agg(events order by seq)
  from (
    select seq, position, kind, name, input_hash as "inputHash", attempt, status, child_id::text as "childId", output, error
    from events
    where task_id = task
      and history = of_history
      and seq > after_seq
  ) as events
$$;

drop function reopen_calls(bigint, int);
create function reopen_calls(task bigint, after_seq int) returns bigint
language sql volatile
as $$
  with last as (
    select distinct on (position) events.*, tasks.event_count, tasks.status as task_status
    from tasks
    join events on task_id = tasks.id and events.history = tasks.history
    where tasks.id = task
    order by position, seq desc
  ),
  reopened as (
    insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, child_id)
    select task, event_count + row_number() over (order by seq), history, position, kind, name, input_hash, attempt,
           'reopened', child_id
    from last
    where (status = 'failed' and seq > after_seq)
       or (status = 'started' and task_status in ('succeeded', 'failed', 'cancelled'))
    returning seq
  )
  update tasks
  set event_count = event_count + (select count(*) from reopened)
  where id = task
    and exists (select from reopened)
  returning event_count
$$;

create function settle_parent_call(child bigint) returns int
language plpgsql
as $$
declare
  ended tasks;
  parent tasks;
  start events;
begin
  select * into ended from tasks where id = child;
  select * into parent from tasks where id = ended.parent_id for no key update;

  select * into start
  from events
  where task_id = parent.id
    and seq = ended.parent_seq
    and history = parent.history
    and not exists (
      select
      from events as later
      where later.task_id = parent.id
        and later.position = events.position
        and later.seq > events.seq
        and later.status = 'reopened'
    );
  update tasks
  set open_children = open_children - 1,
      event_count = event_count + (start.seq is not null)::int,
      status = case when status = 'suspended' and start.seq is not null then 'queued' else status end,
      run_at = case
        when status = 'suspended' and open_children > 20
        then now() + least(open_children - 1, 1000) * interval '1 millisecond'
        else run_at
      end
  where id = parent.id;

  if start.seq is not null then
    start.seq = parent.event_count + 1;
    start.happened_at = clock_timestamp();
    start.status = case ended.status when 'succeeded' then 'succeeded' else 'failed' end;
    start.output = ended.output;
    start.error = case ended.status
      when 'failed' then jsonb_build_object('attempts', ended.attempt) || ended.error
      when 'cancelled' then
        '{"name": "CancelledError", "message": "The task was cancelled", "nonRetryable": true, "cancelled": true}'
    end;
    insert into events select start.*;
  end if;
  return start.seq;
end
$$;

create function retry_task(task bigint, seq int) returns task_status
language sql volatile
as $$
  update tasks
  set parent_seq = seq,
      status = case when has_ended then 'queued' else tasks.status end,
      run_at = case when has_ended then now() else run_at end,
      attempt = next_attempt,
      max_attempts = greatest(max_attempts, next_attempt),
      cancel_requested_at = null,
      error = null
  from (
    select status in ('failed', 'cancelled') as has_ended,
           attempt + coalesce(status = 'failed' and (errors -> -1 ->> 'attempt')::int = attempt, false)::int as next_attempt
    from tasks
    where id = task
    for no key update  -- Of two calls at once, the second finds the task queued.
  ) as last
  where id = task
    and (has_ended or seq is not null)
  returning tasks.status
$$;
