-- From tasks that run again from their start to tasks that know what they have done. A task that is under way
-- has an empty log.

create type call_kind as enum (
  'step',
  'transaction'
);

create type call_status as enum (
  'succeeded',
  'failed',
  'caught'
);

alter table tasks
  add column event_count int not null default 0;

create table events (
  task_id      bigint not null references tasks,
  seq          int not null,
  happened_at  timestamptz not null default clock_timestamp(),

  position  int not null,
  kind      call_kind not null,
  name      text not null,

  attempt  int not null,
  status   call_status not null,
  output   json,  -- As text it keeps the order of an object's keys, which jsonb would not.
  error    json,
  constraint only_succeeded_calls_have_an_output check ((output is not null) = (status = 'succeeded')),
  constraint only_failed_calls_have_an_error check ((error is not null) = (status = 'failed')),

  primary key (task_id, seq)
);

-- A call of a program succeeds once, or fails and the program goes on. After that it cannot be settled again.
create unique index a_call_is_settled_once on events (task_id, position) where status in ('succeeded', 'caught');

create unique index an_attempt_fails_once on events (task_id, position, attempt) where status = 'failed';

create function refuse_change() returns trigger
language plpgsql
as $$
begin
  raise exception 'The event log is append-only: % is refused', lower(tg_op)
    using hint = 'A task that resumes relies on its events, so they are kept, and so are their tasks. '
      'To correct what a task has done, enqueue another task; to end a task, cancel it.';
end
$$;

create trigger events_are_append_only
before update or delete or truncate on events
for each statement execute function refuse_change();

-- The event log of a task, in order. Volatile, so that a claim sees all that was committed until it had locked the
-- task; a stable function sees what the claim saw when it began, before it locked the task.
create function event_log(task bigint) returns json
language sql volatile
as $$
  select json_agg(events order by seq)
  from (
    select seq, position, kind, name, attempt, status, output, error
    from events
    where task_id = task
  ) as events
$$;
