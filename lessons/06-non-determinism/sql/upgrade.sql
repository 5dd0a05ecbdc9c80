-- From a log of results to a log that each call is compared with. Existing events have no input hash, so their inputs are
-- not compared. Before, calls that ran side by side did not settle in log order when a task resumed. So a task with branches
-- that has resumed before the upgrade may fail with a report; let such tasks end first.

alter type call_kind add value 'now';
alter type call_kind add value 'random';
alter type call_kind add value 'uuid';
alter type call_kind add value 'patched';

alter table events
  add column input_hash text;

create or replace function event_log(task bigint) returns json
language sql volatile
as $$
  select json_agg(events order by seq)
  from (
    select seq, position, kind, name, input_hash as "inputHash", attempt, status, output, error
    from events
    where task_id = task
  ) as events
$$;

create or replace function reopen_calls(task bigint, after_seq int) returns bigint
language sql volatile strict
as $$
  with last as (
    select distinct on (position) *
    from events
    where task_id = task
      and seq > after_seq
    order by position, seq desc
  ),
  reopened as (
    insert into events (task_id, seq, position, kind, name, input_hash, attempt, status)
    select task, event_count + row_number() over (order by seq), position, kind, last.name, input_hash, last.attempt, 'reopened'
    from last
    join tasks on tasks.id = task
    where last.status = 'failed'
    returning seq
  )
  update tasks
  set event_count = event_count + (select count(*) from reopened)
  where id = task
    and exists (select from reopened)
  returning event_count
$$;
