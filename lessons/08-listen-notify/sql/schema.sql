-- A task is one call that somebody wants made, and what came of it.
--
--   enqueue   inserts a row                                 queued
--   claim     hands it to a worker                          queued → running
--   step      keeps what a part of it came to, as an event in its log
--   succeed   keeps its output                              running → succeeded
--   fail      keeps its error                               running → failed
--   retry     keeps its error, and tries again later        running → queued
--   suspend   waits for its children, and holds no slot     running → suspended
--   wake      one of its children has ended                 suspended → queued
--   hand back a worker that stops gives back what it runs   running → queued
--   reclaim   takes it from a worker that has gone silent   running → queued, or failed after the last attempt
--   expire    nobody started it in time                     queued → failed
--   retry     somebody wants it to go on all the same       failed, cancelled → queued
--   replay    somebody wants it done from the start         succeeded, failed, cancelled → queued, with a new history
--   cancel    nobody wants it any more                      queued, suspended → cancelled, or by its worker: running → cancelled
--
-- A task, its worker, its parent and its events refer to each other without foreign keys, which Postgres would check
-- for each row of a group. Who writes of a task has locked it, and triggers refuse to delete a task, or a worker that has any.
--
-- The event log of a task is what has happened in it. Nothing is ever changed in it or taken out of it, so a task
-- that runs again knows what it has done. A replay begins a new history in the same log: what was before is kept,
-- and no longer read.
--
-- A task may start others, its children. When one of them ends, the statement that ends it also writes that into the
-- log of its parent. A statement that has locked a task may wait for the lock of its parent, never for that of a child,
-- and one that locks several tasks waits for nobody.
--
-- Tasks that share a concurrency key share a limit: so many of them may be running, over all workers.
--
-- A worker's row is its lease. It lives as long as it keeps moving the end of the lease ahead; one that
-- has not in time is dead, its row is deleted, and its tasks are reclaimed.
--
-- Whoever queues tasks calls workers that have room for them, hardly more than there are tasks. A call is only a hint: it
-- says "look now", and a worker that hears none looks all the same, a little later.

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
  'caught',
  'abandoned'
);

create table workers (
  id             bigint generated always as identity primary key,
  name           text not null,
  lease_ends_at  timestamptz not null,

  names     text[] not null default '{}',
  channel   text,  -- Where it listens. Null if it does not.
  has_room  boolean not null default false  -- Its last claim got less than it asked for.
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

  parent_id   bigint,
  parent_seq  int,  -- The event of its start in its parent's log. Null if its end is no news to the parent.

  status      task_status not null default 'queued',
  priority    task_priority not null default 'normal',
  run_at      timestamptz not null default now(),
  expires_at  timestamptz,

  attempt       int not null default 1,
  max_attempts  int not null default 3,
  constraint no_attempt_after_the_last check (attempt between 1 and max_attempts),

  worker_id            bigint,
  fence                int not null default 0,
  cancel_requested_at  timestamptz,
  constraint only_running_tasks_have_a_worker check ((worker_id is not null) = (status = 'running')),
  constraint no_queued_task_is_to_be_cancelled check (cancel_requested_at is null or status not in ('queued', 'suspended')),

  event_count    int not null default 0,
  history        int not null default 1,
  retried_seq    int not null default 0,  -- The last event before its last retry: failures up to there are old.
  open_children  int not null default 0,  -- Those whose end it is to be told of.

  output      jsonb,
  error       jsonb,
  errors      jsonb,
  constraint only_succeeded_tasks_have_an_output check ((output is not null) = (status = 'succeeded')),
  constraint only_failed_tasks_have_an_error check ((error is not null) = (status = 'failed'))
);

create table events (
  task_id      bigint not null,
  seq          int not null,
  history      int not null default 1,
  happened_at  timestamptz not null default clock_timestamp(),

  position    int not null,
  kind        call_kind not null,
  name        text not null,
  input_hash  text,

  attempt   int not null,
  status    call_status not null,
  child_id  bigint,
  output    json,  -- As text it keeps the order of an object's keys, which jsonb would not.
  error     json,
  constraint only_succeeded_calls_have_an_output check ((output is not null) = (status = 'succeeded')),
  constraint only_failed_calls_have_an_error check ((error is not null) = (status = 'failed')),

  primary key (task_id, seq)
);

-- A call of a program succeeds once, or fails and the program goes on. After that it cannot be settled again.
create unique index a_call_is_settled_once on events (task_id, history, position) where status in ('succeeded', 'caught');

create unique index an_attempt_fails_once on events (task_id, history, position, attempt) where status = 'failed';

create unique index an_attempt_starts_one_child on events (task_id, history, position, attempt) where status = 'started';

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

-- Refuses to delete tasks. No foreign key does it, and the log of a task or of its parent may refer to any of them.
create function refuse_to_delete_tasks() returns trigger
language plpgsql
as $$
begin
  raise exception 'Tasks are never deleted: % is refused', lower(tg_op)
    using hint = 'Event logs refer to tasks. To end a task, cancel it; to run it again from the start, replay it.';
end
$$;

create trigger tasks_are_kept
before delete or truncate on tasks
for each statement execute function refuse_to_delete_tasks();

-- Refuses to delete a worker that has tasks. A claim locks the row of its worker until it commits: who deletes that has
-- waited for it, and this looks after that.
create function refuse_to_leave_tasks() returns trigger
language plpgsql
as $$
begin
  if exists (select from tasks where worker_id = old.id) then
    raise exception 'Worker % has tasks', old.name
      using errcode = 'foreign_key_violation', hint = 'Its tasks have to be taken from it before, or in the same statement.';
  end if;
  return null;
end
$$;

create trigger a_worker_leaves_no_tasks
after delete on workers
for each row execute function refuse_to_leave_tasks();

-- What a task's log holds of one of its histories after an event, in order. Volatile, so that a claim sees all that was
-- committed until it had locked the task; a stable function sees what the claim saw when it began, before it locked it.
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

-- Calls workers that have room for tasks of this name, and no more of them than there are tasks. A call is sent when the
-- transaction commits, and once to each worker, however often it was called.
create function call_workers(for_name text, tasks bigint) returns bigint
language sql volatile
as $$
  select count(pg_notify(channel, '')::text)
  from (
    select channel
    from workers
    where has_room
      and for_name = any (names)
      and channel is not null
    order by random()
    limit tasks
  ) as called
$$;

-- Tells a worker that one of its tasks was cancelled.
create function tell_worker(worker bigint) returns bigint
language sql volatile strict
as $$
  select count(pg_notify(channel, 'cancelled')::text)
  from workers
  where id = worker
    and channel is not null
$$;

-- Tells the parents of tasks that have ended what came of them, and wakes those that are suspended. One that waits
-- for many is not woken for each of them, as it reads its log each time: it sleeps on for a millisecond for each that
-- is still open, a second at most. Volatile, to see what its statement has done: to be called once all rows are updated.
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
    returning tasks.id, event_count, tasks.name, status = 'queued' and run_at <= now() as is_due
  ),
  called as (
    select call_workers(name, count(*))
    from woken
    where is_due
    group by name
  ),
  appended as (
    insert into events (
      task_id, seq, history, position, kind, name, input_hash, attempt, status, child_id, output, error
    )
    select task_id, event_count - total + nth, history, position, kind, news.name, input_hash, attempt,
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
  select (select count(*) from appended) + (select count(*) from called)
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

-- What tasks that have ended left behind, when it has to be cancelled.
create index tasks_with_children_left on tasks (id) where open_children > 0 and status in ('succeeded', 'failed', 'cancelled');
create index children_by_parent on tasks (parent_id) where parent_seq is not null and status in ('queued', 'running', 'suspended');

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
