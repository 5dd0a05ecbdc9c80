-- A task is one call of a function, with its input and its result.
--
--   enqueue     inserts a row                              queued
--   claim       hands it to a worker                       queued → running
--   step        appends its result to the event log        running
--   succeed     stores its output                          running → succeeded
--   fail        stores its error                           running → failed
--   retry       keeps its error, and tries again later     running → queued
--   hand back   returns it when its worker stops           running → queued
--   reclaim     takes it from a worker that is lost        running → queued
--   cancel      ends it before or while it runs            queued or running → cancelled
--
-- A task's events are its log: what its steps returned, in the order in which it happened. Events are never changed, so a
-- task that runs again knows what it has done.
--
-- Tasks with the same concurrency key share a limit: at most that many of them run at once, across all workers.
--
-- A worker's row is its lease, which the worker extends while it is alive. When a lease has expired, other workers take
-- the tasks of that worker.

create type task_status as enum (
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled'
);

create type task_priority as enum (
  'high',
  'normal',
  'low'
);

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

-- An input or output. `json` returns the text that was stored; `jsonb` would print 5e-324 with 326 digits, and a
-- row that is too large to be read would fail every claim that contains it.
create domain payload as json
  constraint a_payload_is_at_most_16_mb check (octet_length(value::text) <= 16 * 1024 * 1024);

create table workers (
  id                bigint generated always as identity primary key,
  name              text not null,
  lease_expires_at  timestamptz not null
);

create table concurrency_limits (
  concurrency_key  text primary key,
  max_running      int not null,
  constraint a_limit_is_not_negative check (max_running >= 0)
);

create table tasks (
  id          bigint generated always as identity primary key,
  name        text not null,
  input       payload not null,

  concurrency_key  text references concurrency_limits,
  idempotency_key  text,

  status      task_status not null default 'queued',
  queue       text not null default 'default',
  priority    task_priority not null default 'normal',
  run_at      timestamptz not null default now(),

  attempt       int not null default 1,
  max_attempts  int not null default 3,
  constraint there_is_an_attempt check (max_attempts >= 1),
  constraint at_most_one_attempt_too_many check (attempt between 1 and max_attempts + 1),

  worker_id            bigint references workers,
  fence                int not null default 0,
  cancel_requested_at  timestamptz,
  constraint only_running_tasks_have_a_worker check ((worker_id is not null) = (status = 'running')),

  event_count      int not null default 0,
  events_at_claim  int not null default 0,

  output      payload,
  error       jsonb,
  errors      jsonb,
  constraint only_succeeded_tasks_have_an_output check ((output is not null) = (status = 'succeeded')),
  constraint only_failed_tasks_have_an_error check ((error is not null) = (status = 'failed'))
);

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

-- The event log of a task, in order. Volatile: a stable function would use the snapshot of the claim, which may be older
-- than the claim's lock on the task.
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

-- Appends `reopened` for each call of a task that has failed after an event, so that the next attempt makes the call again.
-- Volatile, like event_log(): it sees all events that were committed before the caller has locked the task.
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

-- The claim reads this index in order, one priority of a queue after the other, and stops at its limit. Finished tasks
-- are not in it, future tasks and other queues are not read, and on Postgres 17 and later names are compared in the index.
create index tasks_to_claim on tasks (queue, priority, run_at, id, name) where status = 'queued' and concurrency_key is null;

-- The claim of limited tasks walks this index from key to key, and reads the tasks of one key in order.
create index limited_tasks_to_claim on tasks (queue, concurrency_key, priority, run_at, id, name) where status = 'queued' and concurrency_key is not null;

-- The claim counts the running tasks of a key in this index.
create index limited_tasks_running on tasks (concurrency_key) where status = 'running' and concurrency_key is not null;

-- A second enqueue with the same key finds the first task.
create unique index tasks_by_idempotency_key on tasks (name, idempotency_key) where idempotency_key is not null;

-- Heartbeats and reclaims use it to find a worker's tasks.
create index tasks_by_worker on tasks (worker_id) where worker_id is not null;

-- How many more tasks of a key may run now. Volatile, so each call sees everything committed by then. A stable function
-- would use the snapshot of the statement that calls it.
create function capacity_left(key text) returns bigint
language sql volatile
as $$
  select max_running - (
    select count(*)
    from tasks
    where tasks.concurrency_key = key
      and status = 'running'
  )
  from concurrency_limits
  where concurrency_limits.concurrency_key = key
$$;

-- The concurrency keys that have queued tasks in a queue: one index lookup for each key, however many tasks there are.
create function waiting_keys(of_queue text) returns setof text
language sql stable
as $$
  with recursive waiting as (
    select min(concurrency_key) as key
    from tasks
    where status = 'queued'
      and queue = of_queue
      and concurrency_key is not null
    union all
    select (
      select min(concurrency_key)
      from tasks
      where status = 'queued'
        and queue = of_queue
        and concurrency_key > key
    )
    from waiting
    where key is not null
  )
  select key
  from waiting
  where key is not null
$$;
