-- From a log of what has happened to one that says what was asked for. The calls that it holds already were
-- recorded without their input, so that is not compared for them.

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
