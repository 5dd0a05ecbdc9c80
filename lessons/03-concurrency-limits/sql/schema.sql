-- A task is one call that somebody wants made, and what came of it.
--
--   enqueue   inserts a row        queued
--   claim     hands it to a worker queued → running
--   succeed   keeps its output     running → succeeded
--   fail      keeps its error      running → failed
--
-- Tasks that share a concurrency key share a limit: so many of them may be running, over all workers.

create type task_status as enum (
  'queued',
  'running',
  'succeeded',
  'failed'
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

  status      task_status not null default 'queued',

  output      jsonb,
  error       jsonb,
  constraint only_succeeded_tasks_have_an_output check ((output is not null) = (status = 'succeeded')),
  constraint only_failed_tasks_have_an_error check ((error is not null) = (status = 'failed'))
);

-- The claim reads this index in order and stops at its limit; finished tasks are not in it.
create index tasks_to_claim on tasks (id) where status = 'queued' and concurrency_key is null;

-- The claim finds in this one which keys have tasks waiting, and reads each key's tasks in order.
create index limited_tasks_to_claim on tasks (concurrency_key, id) where status = 'queued' and concurrency_key is not null;

-- The claim counts a key's running tasks here.
create index limited_tasks_running on tasks (concurrency_key) where status = 'running' and concurrency_key is not null;

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
