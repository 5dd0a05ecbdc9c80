-- A task is one call of a function, with its input and its result.
--
--   enqueue     inserts a row                              queued
--   claim       hands it to a worker                       queued → running
--   step        appends its result to the event log        running
--   succeed     stores its output                          running → succeeded
--   fail        stores its error                           running → failed
--   retry       keeps its error, and tries again later     running → queued
--   retry()     resumes it from its log after its end      failed or cancelled → queued
--   replay()    starts it again, with a new history        succeeded, failed or cancelled → queued
--   suspend     frees its slot, to wait for its children   running → suspended
--   wake        one of its children has ended              suspended → queued
--   hand back   returns it when its worker stops           running → queued
--   reclaim     takes it from a worker that is lost        running → queued
--   cancel      ends it before or while it runs            queued, suspended or running → cancelled
--
-- A task's events are its log: what its steps returned, in the order in which it happened. Events are never changed, so a
-- task that runs again knows what it has done. A replay begins a new history in the same log.
--
-- A task may start others, its children. The statement that ends a child also appends its end to the log of its parent. A
-- statement that has locked a task may wait for the lock of its parent, never for that of a child; only a foreign key to a child
-- may wait for a claim of the child, and a claim waits for no task.
--
-- Tasks with the same concurrency key share a limit: at most that many of them run at once, across all workers.
--
-- A worker's row is its lease, which the worker extends while it is alive. When a lease has expired, other workers take
-- the tasks of that worker.

create type task_status as enum (
  'queued',
  'running',
  'suspended',
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
  'patched',
  'child'
);

create type call_status as enum (
  'started',
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

  parent_id   bigint references tasks,
  parent_seq  int,  -- The event of its start in the log of its parent. Null if the parent does not wait for it.

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
  history          int not null default 1,
  open_children    int not null default 0,  -- Those that have a parent_seq and have not ended.

  output      payload,
  error       jsonb,
  errors      jsonb,
  constraint only_succeeded_tasks_have_an_output check ((output is not null) = (status = 'succeeded')),
  constraint only_failed_tasks_have_an_error check ((error is not null) = (status = 'failed'))
);

create table events (
  task_id      bigint not null references tasks,
  seq          int not null,
  history      int not null default 1,
  happened_at  timestamptz not null default clock_timestamp(),

  position    int not null,
  kind        call_kind not null,
  name        text not null,
  input_hash  text,

  attempt   int not null,
  status    call_status not null,
  child_id  bigint references tasks,
  output    payload,
  error     jsonb,
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

-- The events of one history of a task after an event, in order. Volatile: a stable function would use the snapshot of the
-- claim, which may be older than the claim's lock on the task.
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

-- Finds the last `reopened` of a call, if there is one.
create index reopened_calls on events (task_id, position, seq) where status = 'reopened';

-- Appends `reopened` for each call of a task that has failed after an event, and, if the task has ended, for each child that
-- it still waits for. So the next run makes these calls again. Volatile, like event_log().
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

-- Appends the end of a child to the log of its parent, and wakes the parent if it is suspended. Appends nothing if the parent has
-- reopened the call, or was replayed, since it started the child. A parent that waits for many children reads its log each time it
-- wakes, so it sleeps on for a millisecond for each that is left, a second at most.
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

-- Queues a task that has failed or was cancelled, with its log. It gets one more attempt if the last one has failed: `errors` has
-- an entry for each failed attempt. `seq` is the event of its start if its parent waits for it, and null if not. If its parent waits
-- for a task that is still to be cancelled, that request is withdrawn.
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

-- The claim reads this index in order, one priority of a queue after the other, and stops at its limit. Finished tasks
-- are not in it, future tasks and other queues are not read, and on Postgres 17 and later names are compared in the index.
create index tasks_to_claim on tasks (queue, priority, run_at, id, name) where status = 'queued' and concurrency_key is null;

-- The claim of limited tasks walks this index from key to key, and reads the tasks of one key in order.
create index limited_tasks_to_claim on tasks (queue, concurrency_key, priority, run_at, id, name) where status = 'queued' and concurrency_key is not null;

-- The claim counts the running tasks of a key in this index.
create index limited_tasks_running on tasks (concurrency_key) where status = 'running' and concurrency_key is not null;

-- A second enqueue with the same key finds the first task.
create unique index tasks_by_idempotency_key on tasks (name, idempotency_key) where idempotency_key is not null;

-- Tasks that have ended before their children, and the children of a task that have not.
create index tasks_with_children_left on tasks (id) where open_children > 0 and status in ('succeeded', 'failed', 'cancelled');
create index children_by_parent on tasks (parent_id) where parent_seq is not null and status in ('queued', 'running', 'suspended');

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
