/* Sets the maximum number of tasks of a key that may run at once. A claim that is under way uses the old limit or the new one. */
/* @name setConcurrencyLimit */
insert into concurrency_limits (concurrency_key, max_running)
values (:concurrencyKey!, :maxRunning!)
on conflict (concurrency_key) do update
set max_running = excluded.max_running;

/* Adds tasks of one name, with ids in their order, or none if a concurrency key has no limit. Leaves out a task whose */
/* idempotency key is taken: of two transactions that add the same key, the second waits for the first. Inserts in key */
/* order, so two of these statements cannot deadlock. Returns a row for each task, without an id if the task was left out. */
/* @name insertTasks */
with wanted as (
  select nextval(pg_get_serial_sequence('tasks', 'id')) as id, task.*
  from json_to_recordset(:tasks!::text::json) as task (
    input text,
    concurrency_key text,
    idempotency_key text,
    queue text,
    priority task_priority,
    run_at timestamptz,
    delay_ms float8
  )
),
unknown as (
  select concurrency_key
  from wanted
  where concurrency_key is not null
    and (
      -- Not "not exists": as an anti-join it may read all limits.
      select max_running
      from concurrency_limits
      where concurrency_limits.concurrency_key = wanted.concurrency_key
    ) is null
),
inserted as (
  insert into tasks (id, name, input, concurrency_key, idempotency_key, queue, priority, run_at, max_attempts)
  overriding system value
  select id, :name!, input::payload, concurrency_key, idempotency_key, queue, priority,
         -- now() is the start of the transaction, which may have been long ago.
         coalesce(run_at, statement_timestamp() + delay_ms * interval '1 millisecond'),
         :maxAttempts!
  from wanted
  where not exists (select from unknown)
  order by idempotency_key, id
  on conflict (name, idempotency_key) where idempotency_key is not null do nothing
  returning id
)
select inserted.id as "id?", (select min(concurrency_key) from unknown) as unknown_key
from wanted
left join inserted using (id)
order by wanted.id;

/* Finds the tasks with these idempotency keys. */
/* @name findTasks */
select id, idempotency_key as "idempotency_key!"
from tasks
where name = :name!
  and idempotency_key = any (:idempotencyKeys!::text[]);

/* Adds a worker, with a lease from now on. */
/* @name insertWorker */
insert into workers (name, lease_expires_at)
values (:name!, now() + :leaseMs!::float8 * interval '1 millisecond')
returning id;

/* Extends a worker's lease, even one that has expired, and returns the tasks that it holds; one row without a task if it */
/* holds none. No row back: the lease had expired, and another worker has deleted the worker's row. */
/* @name heartbeat */
with renewed as (
  update workers
  set lease_expires_at = now() + :leaseMs!::float8 * interval '1 millisecond'
  where id = :workerId!
  returning id
)
select tasks.id, tasks.fence, cancel_requested_at is not null as "is_cancelled!",
       exists (select from concurrency_limits) as "has_limits!",
       exists (
         select
         from tasks
         where open_children > 0
           and status in ('succeeded', 'failed', 'cancelled')
       ) as "has_left_children!"
from renewed
left join tasks on tasks.worker_id = renewed.id;

/* Requeues tasks that a worker holds but is not running. It never ran them, so this costs no attempt. */
/* @name requeueTasks */
with held as (
  select id
  from tasks
  where id = any (:ids!::bigint[])
    and (id, fence) in (select * from unnest(:ids!::bigint[], :fences!::int[]))
    and worker_id = :workerId!
  for update skip locked  -- A heartbeat must not wait for a row that a user's transaction has locked.
)
update tasks
set status = 'queued',
    worker_id = null
where id = any (array(select id from held))
returning id, name;

/* Requeues the tasks of workers whose lease has expired. Each has lost an attempt, unless its event log has grown since it was */
/* claimed. Deletes those workers when they have no tasks left. If two workers reclaim at once, each skips the rows that the other */
/* has locked. */
/* @name reclaimTasks */
with expired as (
  select id
  from workers
  where lease_expires_at <= now()
  for update skip locked
),
deleted as (
  delete from workers
  where id = any (array(select id from expired))
    and not exists (select from tasks where worker_id = workers.id)
),
lost as (
  select id
  from tasks
  where worker_id = any (array(select id from expired))
  for update skip locked
)
update tasks
set status = 'queued',
    worker_id = null,
    -- A task that had no attempt left was only claimed to be ended.
    attempt = least(attempt, max_attempts) + (event_count = events_at_claim)::int,
    errors = case
      when attempt > max_attempts or event_count > events_at_claim then errors
      else coalesce(errors, '[]') || jsonb_build_object(
        'attempt', attempt,
        'name', 'WorkerLostError',
        'message', format(
          'Worker %s was lost during attempt %s of %s',
          (select name from workers where id = worker_id), attempt, max_attempts
        )
      )
    end
where id = any (array(select id from lost))
returning id, name;

/* Hands a worker up to :limit due tasks of its queue that have no concurrency key: the highest priority first, and of each */
/* priority the oldest. Two workers never get the same one. Refused by the foreign key if the worker's row is deleted. */
/* @name claimTasks */
with due as (
  select next.id
  from unnest(enum_range(null::task_priority)) as lane
  cross join lateral (
    select id
    from tasks
    where status = 'queued'
      and concurrency_key is null
      and queue = :queue!
      and name = any (:names!::text[])
      and priority = lane
      and run_at <= now()
    order by run_at, id
    limit :limit!
    for update skip locked  -- Do not wait for a row that another worker is claiming.
  ) as next
  limit :limit!
),
claimed as (
  update tasks
  set status = 'running',
      worker_id = :workerId!,
      fence = fence + 1,
      events_at_claim = event_count
  where id = any (array(select id from due))
  returning *
)
select id, name, input, fence, attempt, max_attempts, cancel_requested_at, errors -> -1 as last_error,
       event_count, history, case when event_count > 0 then event_log(id, history, 0) end as events
from claimed
order by priority, run_at, id;

/* Hands a worker up to :limit due tasks of its queue that have a concurrency key: the first ones of each key. Two workers */
/* never get the same one, and however many workers claim at once, no more tasks of a key are running than its limit allows. */
/* @name claimLimitedTasks */
with open as (
  -- The keys below their limit, ordered by their first due task.
  select key
  from waiting_keys(:queue!) as key
  cross join lateral (
    select priority, run_at, id
    from tasks
    where status = 'queued'
      and concurrency_key = key
      and queue = :queue!
      and name = any (:names!::text[])
      and run_at <= now()
    order by priority, run_at, id
    limit 1
  ) as first
  where capacity_left(key) > 0
  order by first.priority, first.run_at, first.id
),
due as (
  select next.id
  from open
  cross join lateral (
    select concurrency_key
    from concurrency_limits
    where concurrency_key = open.key
    for no key update skip locked  -- A key that another worker is claiming from is left to that worker.
  ) as locked
  cross join lateral (
    select id
    from tasks
    where status = 'queued'
      and concurrency_key = locked.concurrency_key
      and queue = :queue!
      and name = any (:names!::text[])
      and run_at <= now()
    order by priority, run_at, id
    -- Counted again: the worker that held the lock before us has committed its claim by now.
    limit greatest(capacity_left(locked.concurrency_key), 0)
    for update skip locked
  ) as next
  limit :limit!
),
claimed as (
  update tasks
  set status = 'running',
      worker_id = :workerId!,
      fence = fence + 1,
      events_at_claim = event_count
  where id = any (array(select id from due))
  returning *
)
select id, name, input, fence, attempt, max_attempts, cancel_requested_at, errors -> -1 as last_error,
       event_count, history, case when event_count > 0 then event_log(id, history, 0) end as events
from claimed
order by priority, run_at, id;

/* Appends an event to a running task's log. The lock of the task's row orders all appends to its log, and its counter numbers */
/* them. No row back: the claim is lost. */
/* @name appendEvent */
with counted as (
  update tasks
  set event_count = event_count + 1
  where id = :taskId!
    and fence = :fence!
    and status = 'running'
  returning id, event_count, history
)
insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, output, error)
select id, event_count, history, :position!, :kind!::call_kind, :name!, :inputHash, :attempt!, :status!::call_status,
       case :kind!::call_kind when 'now' then to_json(clock_timestamp())::payload else :output::text::payload end,
       :error::text::jsonb
from counted
returning seq, case kind when 'now' then output end as output;

/* Adds a child, and appends to the log of its parent that it did. No row back: the claim of the parent is lost. */
/* @name startChild */
with parent as (
  update tasks
  set event_count = event_count + 1,
      open_children = open_children + 1
  where id = :taskId!
    and fence = :fence!
    and status = 'running'
  returning id, event_count, history, queue, priority
),
child as (
  insert into tasks (name, input, concurrency_key, queue, priority, max_attempts, parent_id, parent_seq)
  select :name!, :input!::text::payload, :concurrencyKey, coalesce(:queue, queue),
         coalesce(:priority::task_priority, priority), :maxAttempts!, id, event_count
  from parent
  returning id
)
insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, child_id)
select parent.id, event_count, history, :position!, 'child', :name!, :inputHash, :attempt!, 'started', child.id
from parent, child
returning seq, child_id;

/* Retries a child that has failed or was cancelled, or keeps it from being cancelled, and appends `started` to the log of its */
/* parent. If the child has succeeded by now, that is appended, too. No row back: the claim of the parent is lost. */
/* @name resumeChild */
with child as (
  select id, parent_seq is null or status in ('succeeded', 'failed', 'cancelled') as was_closed
  from tasks
  where id = :childId!
  for no key update
),
parent as (
  update tasks
  set event_count = event_count + 1,
      open_children = open_children + was_closed::int
  from child
  where tasks.id = :taskId!
    and fence = :fence!
    and status = 'running'
  returning tasks.id, event_count, history, child.id as child_id
),
started as (
  insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, child_id)
  select id, event_count, history, :position!, 'child', :name!, :inputHash, :attempt!, 'started', child_id
  from parent
  returning seq, child_id
)
select seq as "seq!", child_id,
       case when retry_task(child_id, seq) = 'succeeded' then settle_parent_call(child_id) end as settled
from started;

/* Suspends a running task if it is idle and has no events after :seen, or returns these events. Of this and the end of a child, */
/* one waits for the other. No row back: the claim is lost. */
/* @name suspendTask */
with run as (
  select id, history,
         case
           when cancel_requested_at is not null then 'cancelled'
           when event_count > :seen! then 'news'
           when :isIdle! then 'suspended'
           else 'nothing'
         end as verdict
  from tasks
  where id = :taskId!
    and fence = :fence!
    and status = 'running'
  for no key update
),
suspended as (
  update tasks
  set status = 'suspended',
      worker_id = null
  where id = (select id from run where verdict = 'suspended')
)
select verdict as "verdict!", case verdict when 'news' then event_log(id, history, :seen!) end as events
from run;

/* Writes the outcome of a run, unless the task is to be cancelled: then it is cancelled. An outcome with an error is a failed */
/* attempt, but not if the run was dropped and its event log has grown, or if the handler differs from the log. Reopens the failures */
/* after :reopenAfter. No row back: the run has ended, or the claim is lost. */
/* @name endRun */
with run as (
  select id,
         :error::text is not null
           and attempt <= max_attempts
           and not :isDifferent!
           and not (:isDropped! and event_count > events_at_claim) as has_failed
  from tasks
  where id = :id!
    and fence = :fence!
    and status = 'running'
  for no key update nowait  -- A row that a user's transaction has locked must not keep a connection waiting.
)
update tasks
set status = case when cancel_requested_at is null then :status!::task_status else 'cancelled' end,
    worker_id = null,
    attempt = case
      when :status! = 'queued' and cancel_requested_at is null and (select has_failed from run) then attempt + 1
      else least(attempt, max_attempts)
    end,
    run_at = coalesce(now() + :delayMs::float8 * interval '1 millisecond', run_at),
    output = case when cancel_requested_at is null then :output::text::payload end,
    error = case when cancel_requested_at is null and :status! = 'failed' then :error::text::jsonb end,
    errors = case
      when (select has_failed from run)
      then coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || :error::text::jsonb)
      else errors
    end
where id = (select id from run)
returning status,
          case
            when :reopenAfter::int is not null or (open_children > 0 and status <> 'queued')
            then reopen_calls(id, case when status = 'cancelled' then null else :reopenAfter::int end)
          end as reopened,
          case when parent_seq is not null and status <> 'queued' then settle_parent_call(id) end as settled;

/* Deletes a worker that stops. Refused by the foreign key while the table says that it runs tasks. */
/* @name deleteWorker */
delete from workers
where id = :workerId!;

/* Cancels a queued or suspended task; asks the worker of a running one to end it. No row back: the task has ended, or does not */
/* exist. */
/* @name cancelTask */
update tasks
set status = case status when 'running' then status else 'cancelled' end,
    cancel_requested_at = coalesce(cancel_requested_at, now())
where id = :id!
  and status in ('queued', 'running', 'suspended')
returning id,
          case when status = 'cancelled' then reopen_calls(id, null) end as reopened,
          case when parent_seq is not null and status = 'cancelled' then settle_parent_call(id) end as settled;

/* Cancels children of tasks that have ended, or of the task :parentId. Waits for no lock: a child or a parent that is locked is */
/* left for the next time. */
/* @name cancelChildren */
with left_behind as (
  select child.id
  from tasks as parent
  join tasks as child on child.parent_id = parent.id
  where parent.open_children > 0
    and parent.status in ('succeeded', 'failed', 'cancelled')
    and parent.id = coalesce(:parentId, parent.id)
    and child.parent_seq is not null
    and child.status in ('queued', 'running', 'suspended')
    and child.cancel_requested_at is null
  limit :limit!
  for no key update skip locked
)
update tasks
set status = case status when 'running' then status else 'cancelled' end,
    cancel_requested_at = now()
where id = any (array(select id from left_behind))
returning id, name, status, parent_id as "parent_id!",
          case when status = 'cancelled' then reopen_calls(id, null) end as reopened,
          case when status = 'cancelled' then settle_parent_call(id) end as settled;

/* Retries a failed or cancelled task. The status is null if the task is neither, or does not exist. */
/* @name retryTask */
select retry_task(:id!, null) as status;

/* Queues a task that has ended again, with a new history. No row back: it has not ended, or has children left that are not to be */
/* cancelled yet. */
/* @name replayTask */
update tasks
set status = 'queued',
    run_at = now(),
    attempt = 1,
    history = history + 1,
    parent_seq = null,
    cancel_requested_at = null,
    output = null,
    error = null,
    errors = null
where id = :id!
  and status in ('succeeded', 'failed', 'cancelled')
  and not exists (
    select
    from tasks as child
    where child.parent_id = tasks.id
      and child.parent_seq is not null
      and child.status in ('queued', 'running', 'suspended')
      and child.cancel_requested_at is null
  )
returning id;

/* Reads the status of a task. */
/* @name readTask */
select status, output, error
from tasks
where id = :id!;
