-- From tasks that stand alone to tasks that start others and wait for them. Stop all workers before: what they still
-- run is reclaimed when their leases end. A task that is half done goes on: what its log holds is its first history.

begin;
alter type task_status add value 'suspended' before 'succeeded';
alter type call_kind add value 'child';
alter type call_status add value 'started' before 'succeeded';
alter type call_status add value 'abandoned';
commit;  -- From here on the new values can be used.

alter table tasks
  add column parent_id bigint references tasks,
  add column parent_seq int,
  add column history int not null default 1,
  add column retried_seq int not null default 0,
  add column open_children int not null default 0,
  drop constraint no_queued_task_is_to_be_cancelled,
  add constraint no_queued_task_is_to_be_cancelled check (cancel_requested_at is null or status not in ('queued', 'suspended'));

alter table events
  add column history int not null default 1,
  add column child_id bigint references tasks;

drop index a_call_is_settled_once;
drop index an_attempt_fails_once;
create unique index a_call_is_settled_once on events (task_id, history, position) where status in ('succeeded', 'caught');
create unique index an_attempt_fails_once on events (task_id, history, position, attempt) where status = 'failed';
create unique index an_attempt_starts_one_child on events (task_id, history, position, attempt) where status = 'started';
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

create function tell_parents(ended bigint[]) returns bigint
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
    returning tasks.id, event_count
  ),
  appended as (
    insert into events (
      task_id, seq, history, position, kind, name, input_hash, attempt, status, child_id, output, error
    )
    select task_id, event_count - total + nth, history, position, kind, name, input_hash, attempt,
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
  select count(*) from appended
$$;
