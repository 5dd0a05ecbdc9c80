-- A task is one call of a function, with its input and its result.
--
--   enqueue   inserts a row           queued
--   claim     hands it to a worker    queued → running
--   succeed   stores its output       running → succeeded
--   fail      stores its error        running → failed
--
-- Tasks with the same concurrency key share a limit: at most that many of them run at once, across all workers.

create type task_status as enum (
  'queued',
  'running',
  'succeeded',
  'failed'
);

-- An input or output. `json` returns the text that was stored; `jsonb` would print 5e-324 with 326 digits, and a
-- row that is too large to be read would fail every claim that contains it.
create domain payload as json
  constraint a_payload_is_at_most_16_mb check (octet_length(value::text) <= 16 * 1024 * 1024);

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

  status      task_status not null default 'queued',

  output      payload,
  error       jsonb,
  constraint only_succeeded_tasks_have_an_output check ((output is not null) = (status = 'succeeded')),
  constraint only_failed_tasks_have_an_error check ((error is not null) = (status = 'failed'))
);

-- The claim reads this index in order and stops at its limit; finished tasks are not in it.
create index tasks_to_claim on tasks (id) where status = 'queued' and concurrency_key is null;

-- The claim of limited tasks walks this index from key to key, and reads the tasks of one key in order.
create index limited_tasks_to_claim on tasks (concurrency_key, id) where status = 'queued' and concurrency_key is not null;

-- The claim counts the running tasks of a key in this index.
create index limited_tasks_running on tasks (concurrency_key) where status = 'running' and concurrency_key is not null;

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

-- The concurrency keys that have queued tasks: one index lookup for each key, however many tasks are queued.
create function waiting_keys() returns setof text
language sql stable
as $$
  with recursive waiting as (
    select min(concurrency_key) as key
    from tasks
    where status = 'queued'
      and concurrency_key is not null
    union all
    select (
      select min(concurrency_key)
      from tasks
      where status = 'queued'
        and concurrency_key > key
    )
    from waiting
    where key is not null
  )
  select key
  from waiting
  where key is not null
$$;
