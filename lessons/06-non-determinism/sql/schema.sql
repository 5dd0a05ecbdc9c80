-- A task is one call that somebody wants made, and what came of it.
--
--   enqueue   inserts a row                                 queued
--   claim     hands it to a worker                          queued → running
--   step      keeps what a part of it came to, as an event in its log
--   succeed   keeps its output                              running → succeeded
--   fail      keeps its error                               running → failed
--   retry     keeps its error, and tries again later        running → queued
--   hand back a worker that stops gives back what it runs   running → queued
--   reclaim   takes it from a worker that has gone silent   running → queued, or failed after the last attempt
--   expire    nobody started it in time                     queued → failed
--   retry     somebody wants it to go on all the same       failed → queued
--   cancel    nobody wants it any more                      queued → cancelled, or by its worker: running → cancelled
--
-- The event log of a task is what has happened in it. Nothing is ever changed in it or taken out of it, so a task
-- that runs again knows what it has done.
--
-- Tasks that share a concurrency key share a limit: so many of them may be running, over all workers.
--
-- A worker's row is its lease. It lives as long as it keeps moving the end of the lease ahead; one that
-- has not in time is dead, its row is deleted, and its tasks are reclaimed.

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
  'transaction',
  'now',
  'random',
  'uuid',
  'patched'
);

create type call_status as enum (
  'succeeded',
  'failed',
  'caught'
);

create table workers (
  id             bigint generated always as identity primary key,
  name           text not null,
  lease_ends_at  timestamptz not null
);

create table concurrency_limits (
  concurrency_key  text primary key,
  max_running      int not null,
  constraint a_limit_is_not_negative check (max_running >= 0)
);

create table tasks (
  id          bigint generated always as identity primary key,
  name        text not null,
  input       jsonb not null,

  concurrency_key  text references concurrency_limits,
  idempotency_key  text,

  status      task_status not null default 'queued',
  priority    task_priority not null default 'normal',
  run_at      timestamptz not null default now(),
  expires_at  timestamptz,

  attempt       int not null default 1,
  max_attempts  int not null default 3,
  constraint no_attempt_after_the_last check (attempt between 1 and max_attempts),

  worker_id            bigint references workers,
  fence                int not null default 0,
  cancel_requested_at  timestamptz,
  constraint only_running_tasks_have_a_worker check ((worker_id is not null) = (status = 'running')),
  constraint no_queued_task_is_to_be_cancelled check (cancel_requested_at is null or status <> 'queued'),

  event_count  int not null default 0,

  output      jsonb,
  error       jsonb,
  errors      jsonb,
  constraint only_succeeded_tasks_have_an_output check ((output is not null) = (status = 'succeeded')),
  constraint only_failed_tasks_have_an_error check ((error is not null) = (status = 'failed'))
);

create table events (
  task_id      bigint not null references tasks,
  seq          int not null,
  happened_at  timestamptz not null default clock_timestamp(),

  position    int not null,
  kind        call_kind not null,
  name        text not null,
  input_hash  text,

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
    select seq, position, kind, name, input_hash as "inputHash", attempt, status, output, error
    from events
    where task_id = task
  ) as events
$$;

-- The claim reads this index lane by lane, a name and a priority, each in order, and stops at its limit;
-- tasks that have ended, and names it does not ask for, are not read, and those that are not due end it.
create index tasks_to_claim on tasks (name, priority, run_at, id) where status = 'queued' and concurrency_key is null;

-- The claim finds in this one which keys have tasks waiting, and reads each key's tasks in order.
create index limited_tasks_to_claim on tasks (name, concurrency_key, priority, run_at, id) where status = 'queued' and concurrency_key is not null;

-- The claim counts a key's running tasks here.
create index limited_tasks_running on tasks (concurrency_key) where status = 'running' and concurrency_key is not null;

-- A second enqueue with the same key finds the first task.
create unique index tasks_by_idempotency_key on tasks (name, idempotency_key) where idempotency_key is not null;

-- What a worker runs, when it has to be reclaimed.
create index tasks_by_worker on tasks (worker_id) where worker_id is not null;

create index tasks_to_expire on tasks (expires_at) where status = 'queued' and expires_at is not null;

-- How many tasks of a key are running. Volatile, because only then does each call see all that has been
-- committed until now; a stable function sees what the statement that calls it saw when it began.
create function running_tasks(key text) returns bigint
language sql volatile
as $$
  select count(*)
  from tasks
  where concurrency_key = key
    and status = 'running'
$$;
