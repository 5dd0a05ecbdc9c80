/* Sets how many tasks of a key may be running at once. A claim that is under way goes by one limit or the other. */
/* @name setConcurrencyLimit */
insert into concurrency_limits (concurrency_key, max_running)
values (:concurrencyKey!, :maxRunning!)
on conflict (concurrency_key) do update
set max_running = excluded.max_running;

/* Adds tasks of one name, or none at all if a concurrency key among them has no limit. A task whose idempotency */
/* key is taken is left out: of two that are added at once, the second waits for the first. Keys are taken in their */
/* order, so that no two batches wait for each other; the ids are in the order of the tasks. */
/* @name insertTasks */
with wanted as (
  select nextval(pg_get_serial_sequence('tasks', 'id')) as id, task.*
  from unnest(
    :inputs!::text[],
    :concurrencyKeys!::text[],
    :idempotencyKeys!::text[],
    :priorities!::text[],
    :runAts!::text[],
    :delaysMs!::bigint[]
  ) as task (input, concurrency_key, idempotency_key, priority, run_at, delay_ms)
),
due as (
  -- now() is the start of the transaction, which may have been long ago.
  select *,
         coalesce(run_at::timestamptz, statement_timestamp() + delay_ms * interval '1 millisecond') as due_at
  from wanted
)
insert into tasks (
  id, name, input, concurrency_key, idempotency_key, priority, run_at, expires_at, max_attempts
)
overriding system value
select id, :name!, input::jsonb, concurrency_key, idempotency_key, priority::task_priority, due_at,
       due_at + :startTimeoutMs::float8 * interval '1 millisecond', :maxAttempts!
from due
where not exists (
  select concurrency_key from wanted where concurrency_key is not null
  except
  select concurrency_key from concurrency_limits
)
order by idempotency_key, id
on conflict (name, idempotency_key) where idempotency_key is not null do nothing
returning id, idempotency_key;

/* Finds the tasks that were added with these idempotency keys. */
/* @name findTasks */
select id, idempotency_key as "idempotency_key!"
from tasks
where name = :name!
  and idempotency_key = any (:idempotencyKeys!::text[]);

/* Finds which of these concurrency keys have a limit. */
/* @name findConcurrencyLimits */
select concurrency_key
from concurrency_limits
where concurrency_key = any (:concurrencyKeys!::text[]);

/* Adds a worker, with a lease from now on. */
/* @name insertWorker */
insert into workers (name, lease_ends_at)
values (:name!, now() + :leaseMs!::float8 * interval '1 millisecond')
returning id;

/* Moves the end of a worker's lease ahead, and tells which of its tasks are to be cancelled. No row back: the */
/* worker was declared dead, and what it runs is not its any more. */
/* @name heartbeat */
update workers
set lease_ends_at = now() + :leaseMs!::float8 * interval '1 millisecond'
where id = :workerId!
returning array(
  select id
  from tasks
  where worker_id = workers.id
    and cancel_requested_at is not null
) as "cancelled!";

/* Takes their tasks from workers whose lease has ended, and deletes those workers. Also takes from :workerId what the */
/* table says it runs and it does not: a claim whose answer got lost, which costs no attempt, or an outcome that could */
/* not be written. It waits for nobody, so that heartbeats come in time: a task whose row somebody holds is left for */
/* the next time, and so is its worker. */
/* @name reclaimTasks */
with dead as (
  select id
  from workers
  where lease_ends_at <= now()
  for update skip locked
),
lost as (
  select id,
         case
           when cancel_requested_at is not null then 'cancelled'
           when worker_id = :workerId and not id = any (:unsaved!::bigint[]) then 'queued'
           when attempt < max_attempts then 'queued'
           else 'failed'
         end::task_status as next_status,
         worker_id = :workerId and not id = any (:unsaved!::bigint[]) as never_started,
         jsonb_build_object(
           'name', case worker_id when :workerId then 'OutcomeLostError' else 'WorkerLostError' end,
           'message', format(
             case worker_id
               when :workerId then 'Worker %s could not write down what came of attempt %s of %s'
               else 'Worker %s was lost during attempt %s of %s'
             end,
             (select name from workers where id = worker_id), attempt, max_attempts
           )
         ) as loss
  from tasks
  where worker_id = any (array(select id from dead) || :workerId!::bigint)
    and not (worker_id = :workerId and id = any (:running!::bigint[]))
  for update skip locked
),
buried as (
  delete from workers
  where id = any (array(select id from dead))
    and not exists (
      select from tasks
      where worker_id = workers.id
        and not id = any (array(select id from lost))
    )
)
update tasks
set status = next_status,
    attempt = attempt + case when next_status = 'queued' and not never_started then 1 else 0 end,
    worker_id = null,
    error = case next_status when 'failed' then loss end,
    errors = case
      when never_started then errors
      else coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || loss)
    end
from lost
where tasks.id = lost.id
  and tasks.id = any (array(select id from lost))  -- By key, whatever the planner believes of the table.
returning tasks.id, tasks.name, status, tasks.attempt,
          case when never_started then 'The answer to a claim got lost' else loss ->> 'message' end as "message!";

/* Fails tasks that nobody has started in time, the longest overdue first. */
/* @name expireTasks */
with overdue as (
  select id, jsonb_build_object(
    'name', 'StartTimeoutError',
    'message', format(
      'Nobody started it within %s ms; is there a worker that knows "%s", and has it room?',
      round(extract(epoch from expires_at - run_at) * 1000), name
    )
  ) as lateness
  from tasks
  where status = 'queued'
    and expires_at <= now()
  order by expires_at
  limit :limit!
  for update skip locked
)
update tasks
set status = 'failed',
    error = lateness,
    errors = coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || lateness)
from overdue
where tasks.id = overdue.id
  and tasks.id = any (array(select id from overdue))
returning tasks.id, tasks.name, lateness ->> 'message' as "message!";

/* Hands a worker up to :limit due tasks of the names it knows: the highest priority first, then the oldest of a */
/* name; names take turns. Two workers never get the same one, and however many claim at once, no more tasks of a */
/* key are running than its limit allows. Each task comes with its event log. Refused by the foreign key for a */
/* worker that was declared dead. */
/* @name claimTasks */
with recursive lanes as (
  select priority, name
  from unnest(enum_range(null::task_priority)) as priority
  cross join unnest(:names!::text[]) with ordinality as known (name, turn)
  order by priority, turn
),
waiting as (
  -- The keys that have tasks waiting: one look into the index for a key, not for a task.
  select known.name, next.concurrency_key
  from unnest(:names!::text[]) as known (name)
  cross join lateral (
    select concurrency_key
    from tasks
    where status = 'queued'
      and tasks.name = known.name
      and concurrency_key is not null
    order by concurrency_key
    limit 1
  ) as next
  union all
  select waiting.name, next.concurrency_key
  from waiting
  cross join lateral (
    select concurrency_key
    from tasks
    where status = 'queued'
      and tasks.name = waiting.name
      and concurrency_key > waiting.concurrency_key
    order by concurrency_key
    limit 1
  ) as next
),
wanted as (
  -- The keys with room, those first whose tasks come first. Tasks of two names may wait for one key.
  select concurrency_key
  from (
    select distinct on (concurrency_key) concurrency_key, priority, run_at, id
    from waiting
    cross join lateral (
      select first.priority, first.run_at, first.id
      from lanes
      cross join lateral (
        select tasks.priority, run_at, id
        from tasks
        where status = 'queued'
          and tasks.name = lanes.name
          and concurrency_key = waiting.concurrency_key
          and tasks.priority = lanes.priority
          and run_at <= now()
          and (expires_at is null or expires_at > now())
        order by run_at, id
        limit 1
      ) as first
      where lanes.name = waiting.name
      limit 1
    ) as first_of_name
    where (
      select max_running
      from concurrency_limits
      where concurrency_limits.concurrency_key = waiting.concurrency_key
    ) > (
      select count(*)
      from tasks
      where tasks.concurrency_key = waiting.concurrency_key
        and status = 'running'
    )
    order by concurrency_key, priority, run_at, id
  ) as first_of_key
  order by priority, run_at, id
),
open as (
  -- A claim of ten tasks needs no more than ten keys.
  select key.concurrency_key, key.max_running
  from wanted
  cross join lateral (
    select concurrency_key, max_running
    from concurrency_limits
    where concurrency_limits.concurrency_key = wanted.concurrency_key
    for no key update skip locked  -- A key that another worker is claiming from is left to it.
  ) as key
  limit :limit!
),
room as (
  -- Counted again under the lock: whoever held it before us has committed its tasks by now.
  select concurrency_key, greatest(max_running - running_tasks(concurrency_key), 0) as free
  from open
),
limited as (
  select next.id, next.priority, next.run_at
  from room
  cross join lateral (
    select first.id, first.priority, first.run_at
    from lanes
    cross join lateral (
      select id, tasks.priority, run_at
      from tasks
      where status = 'queued'
        and tasks.name = lanes.name
        and concurrency_key = room.concurrency_key
        and tasks.priority = lanes.priority
        and run_at <= now()
        and (expires_at is null or expires_at > now())
      order by run_at, id
      limit least(room.free, :limit!)
      for update skip locked
    ) as first
    order by priority, run_at, id
    limit least(room.free, :limit!)
  ) as next
),
unlimited as (
  select next.id, next.priority, next.run_at
  from lanes
  cross join lateral (
    select id, tasks.priority, run_at
    from tasks
    where status = 'queued'
      and tasks.name = lanes.name
      and concurrency_key is null
      and tasks.priority = lanes.priority
      and run_at <= now()
      and (expires_at is null or expires_at > now())
    order by run_at, id
    limit :limit!
    for update skip locked  -- A row another worker is claiming is not ours to wait for.
  ) as next
  limit :limit!
),
due as (
  select id, priority, run_at from limited
  union all
  select id, priority, run_at from unlimited
  order by priority, run_at, id
  limit :limit!
),
claimed as (
  update tasks
  set status = 'running',
      worker_id = :workerId!,
      fence = fence + 1,
      expires_at = null
  where id = any (array(select id from due))
  returning id, name, input, fence, attempt, max_attempts, event_count, priority, run_at
)
select id, name, input, fence, attempt, max_attempts,
       case when event_count > 0 then event_log(id) end as events
from claimed
order by priority, run_at, id;

/* Appends an event to a running task's log. Its number comes from the task's row, whose lock puts all that is */
/* appended at the same time in order. No row back: the claim is lost. Refused by an index if it is there already. */
/* @name appendEvent */
with counted as (
  update tasks
  set event_count = event_count + 1
  where id = :taskId!
    and fence = :fence!
    and status = 'running'
  returning id, event_count
)
insert into events (task_id, seq, position, kind, name, input_hash, attempt, status, output, error)
select id, event_count, :position!, :kind!::call_kind, :name!, :inputHash, :attempt!, :status!::call_status,
       case :kind!::call_kind when 'now' then to_json(clock_timestamp()) else :output::text::json end,
       :error::text::json
from counted
returning seq, case kind when 'now' then output end as output;

/* Locks a running task, when all that was being written to its log is written or never will be. No row back: the */
/* claim is lost. */
/* @name lockTask */
select id
from tasks
where id = :taskId!
  and fence = :fence!
  and status = 'running'
for no key update;

/* Finds the event of an attempt of a call. */
/* @name findEvent */
select seq, output
from events
where task_id = :taskId!
  and position = :position!
  and attempt = :attempt!
  and status = :status!::call_status;

/* Keeps a running task's output. No row back: the claim is lost, or the task is to be cancelled. */
/* @name succeedTask */
update tasks
set status = 'succeeded',
    worker_id = null,
    output = :output!::text::jsonb
where id = :id!
  and fence = :fence!
  and status = 'running'
  and cancel_requested_at is null
returning id;

/* Keeps a running task's error. No row back: the claim is lost, or the task is to be cancelled. */
/* @name failTask */
update tasks
set status = 'failed',
    worker_id = null,
    error = :error!::text::jsonb,
    errors = coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || :error!::text::jsonb)
where id = :id!
  and fence = :fence!
  and status = 'running'
  and cancel_requested_at is null
returning id;

/* Keeps a running task's error and queues its next attempt. No row back: the claim is lost, or the task is to be cancelled. */
/* @name retryTask */
update tasks
set status = 'queued',
    attempt = attempt + 1,
    run_at = now() + :delayMs!::float8 * interval '1 millisecond',
    worker_id = null,
    errors = coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || :error!::text::jsonb)
where id = :id!
  and fence = :fence!
  and status = 'running'
  and cancel_requested_at is null
returning id;

/* Queues a running task as it was before it was claimed. No row back: the claim is lost, or the task is to be cancelled. */
/* @name handBackTask */
update tasks
set status = 'queued',
    worker_id = null
where id = :id!
  and fence = :fence!
  and status = 'running'
  and cancel_requested_at is null
returning id;

/* Ends a running task that is to be cancelled. No row back: the claim is lost. */
/* @name endCancelledTask */
update tasks
set status = 'cancelled',
    worker_id = null
where id = :id!
  and fence = :fence!
  and status = 'running'
  and cancel_requested_at is not null
returning id;

/* Deletes a worker that stops. Refused by the foreign key while a task of its is running. */
/* @name deleteWorker */
delete from workers
where id = :workerId!;

/* Ends a queued task, and asks the worker of a running one to. No row back: the task has ended, or there is none. */
/* @name cancelTask */
update tasks
set status = case status when 'queued' then 'cancelled' else status end,
    cancel_requested_at = coalesce(cancel_requested_at, now())
where id = :id!
  and status in ('queued', 'running')
returning id;

/* Queues a failed task again, with its log. It gets one more attempt, except after a NonDeterminismError, which has */
/* used none. Of two who ask at once, one does. */
/* @name retryFailedTask */
update tasks
set status = 'queued',
    run_at = now(),
    expires_at = null,
    attempt = attempt + (error ->> 'name' <> 'NonDeterminismError')::int,
    max_attempts = greatest(max_attempts, attempt + (error ->> 'name' <> 'NonDeterminismError')::int),
    error = null
where id = :id!
  and status = 'failed'
returning id;

/* Reads how a task stands. */
/* @name readTask */
select status, output, error
from tasks
where id = :id!;
