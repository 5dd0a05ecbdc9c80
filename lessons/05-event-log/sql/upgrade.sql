-- From tasks that run again from the start to tasks with an event log. Existing tasks get an empty log, so their next run
-- starts from the top.

create type call_kind as enum (
  'step',
  'transaction'
);

create type call_status as enum (
  'succeeded',
  'failed',
  'retried',
  'reopened'
);

alter table tasks
  add column event_count int not null default 0,
  add column events_at_claim int not null default 0;

create table events (
  task_id      bigint not null references tasks,
  seq          int not null,
  happened_at  timestamptz not null default clock_timestamp(),

  position  int not null,
  kind      call_kind not null,
  name      text not null,

  attempt  int not null,
  status   call_status not null,
  output   payload,
  error    jsonb,
  constraint only_succeeded_calls_have_an_output check ((output is not null) = (status = 'succeeded')),
  constraint only_failed_calls_have_an_error check ((error is not null) = (status in ('failed', 'retried'))),

  primary key (task_id, seq)
);

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

create function event_log(task bigint) returns json
language sql volatile
as $$
  select json_agg(events order by seq)
  from (
    select seq, position, attempt, status, output, error
    from events
    where task_id = task
  ) as events
$$;

create function reopen_calls(task bigint, after_seq int) returns bigint
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
    insert into events (task_id, seq, position, kind, name, attempt, status)
    select task, event_count + row_number() over (order by seq), position, kind, last.name, last.attempt, 'reopened'
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
