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

/* Moves the end of a worker's lease ahead, and tells which of its tasks are to be cancelled, and whether any task has */
/* ended before its children. No row back: the worker was declared dead, and what it runs is not its any more. */
/* @name heartbeat */
update workers
set lease_ends_at = now() + :leaseMs!::float8 * interval '1 millisecond'
where id = :workerId!
returning array(
  select id
  from tasks
  where worker_id = workers.id
    and cancel_requested_at is not null
) as "cancelled!",
exists (
  select
  from tasks
  where open_children > 0
    and status in ('succeeded', 'failed', 'cancelled')
) as "has_left_children!";

/* Takes their tasks from workers whose lease has ended, and deletes those workers. Also takes from :workerId what the */
/* table says it runs and it does not: a claim whose answer got lost, which costs no attempt, or an outcome that could */
/* not be written. It waits for nobody, so that heartbeats come in time: a task whose row somebody holds, or that of the */
/* parent who is to be told, is left for the next time, and so is its worker. */
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
         ) as loss,
         parent_id, parent_seq
  from tasks
  where worker_id = any (array(select id from dead) || :workerId!::bigint)
    and not (worker_id = :workerId and id = any (:running!::bigint[]))
  for update skip locked
),
informed as (
  select id
  from tasks
  where id = any (array(select parent_id from lost where next_status <> 'queued' and parent_seq is not null))
  for no key update skip locked
),
found as (
  select *
  from lost
  where next_status = 'queued'
     or parent_seq is null
     or parent_id = any (array(select id from informed))
),
buried as (
  delete from workers
  where id = any (array(select id from dead))
    and not exists (
      select from tasks
      where worker_id = workers.id
        and not id = any (array(select id from found))
    )
),
reclaimed as (
  update tasks
  set status = next_status,
      attempt = attempt + case when next_status = 'queued' and not never_started then 1 else 0 end,
      worker_id = null,
      error = case next_status when 'failed' then loss end,
      errors = case
        when never_started then errors
        else coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || loss)
      end
  from found
  where tasks.id = found.id
    and tasks.id = any (array(select id from found))  -- By key, whatever the planner believes of the table.
  returning tasks.id, tasks.name, status, tasks.attempt, tasks.parent_seq,
            case when never_started then 'The answer to a claim got lost' else loss ->> 'message' end as message
)
select id, name, status, attempt, message as "message!",
       (select tell_parents(array_agg(id)) from reclaimed where parent_seq is not null and status <> 'queued') as told
from reclaimed;

/* Fails tasks that nobody has started in time, the longest overdue first. It waits for nobody either. */
/* @name expireTasks */
with overdue as (
  select id, parent_id, parent_seq, jsonb_build_object(
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
),
informed as (
  select id
  from tasks
  where id = any (array(select parent_id from overdue where parent_seq is not null))
  for no key update skip locked
),
found as (
  select *
  from overdue
  where parent_seq is null
     or parent_id = any (array(select id from informed))
),
expired as (
  update tasks
  set status = 'failed',
      error = lateness,
      errors = coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || lateness)
  from found
  where tasks.id = found.id
    and tasks.id = any (array(select id from found))
  returning tasks.id, tasks.name, tasks.parent_seq, lateness ->> 'message' as message
)
select id, name, message as "message!",
       (select tell_parents(array_agg(id)) from expired where parent_seq is not null) as told
from expired;

/* Cancels the children that tasks which have ended have left behind, or those of :parentId. It is written into the logs */
/* of these tasks now; what becomes of the children later is no news to them. It waits for nobody. */
/* @name abandonChildren */
with left_behind as (
  select child.id, child.parent_id, child.parent_seq
  from tasks as parent
  join tasks as child on child.parent_id = parent.id
  where parent.open_children > 0
    and parent.status in ('succeeded', 'failed', 'cancelled')
    and parent.id = coalesce(:parentId, parent.id)
    and child.parent_seq is not null
    and child.status in ('queued', 'running', 'suspended')
  limit :limit!
  for no key update of child skip locked
),
parents as (
  select id
  from tasks
  where id = any (array(select parent_id from left_behind))
    and status in ('succeeded', 'failed', 'cancelled')  -- It may go on by now.
  for no key update skip locked
),
abandoned as (
  select started.*,
         row_number() over (partition by started.task_id order by left_behind.id) as nth,
         count(*) over (partition by started.task_id) as total
  from left_behind
  join parents on parents.id = parent_id
  join events as started on started.task_id = parent_id and started.seq = parent_seq
),
counted as (
  update tasks
  set event_count = event_count + total,
      open_children = open_children - total
  from (select distinct task_id, total from abandoned) as totals
  where tasks.id = totals.task_id
  returning tasks.id, event_count
),
appended as (
  insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, child_id)
  select task_id, event_count - total + nth, history, position, kind, name, input_hash, attempt, 'abandoned', child_id
  from abandoned
  join counted on counted.id = task_id
)
update tasks
set status = case status when 'running' then status else 'cancelled' end,
    cancel_requested_at = coalesce(cancel_requested_at, now()),
    parent_seq = null
where id = any (array(select child_id from abandoned))
returning id, name, attempt, parent_id as "parent_id!";

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
  returning id, name, input, fence, attempt, max_attempts, event_count, history, retried_seq, priority, run_at
)
select id, name, input, fence, attempt, max_attempts, event_count, history, retried_seq,
       case when event_count > 0 then event_log(id, history, 0) end as events
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
  returning id, event_count, history
)
insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, output, error)
select id, event_count, history, :position!, :kind!::call_kind, :name!, :inputHash, :attempt!, :status!::call_status,
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
  and history = :history!
  and position = :position!
  and attempt = :attempt!
  and status = :status!::call_status;

/* Starts a child, and writes into its parent's log that it did; one does not happen without the other. No row back: */
/* the claim is lost. Refused by an index if this attempt has started one already. */
/* @name startChild */
with parent as (
  update tasks
  set event_count = event_count + 1,
      open_children = open_children + 1
  where id = :taskId!
    and fence = :fence!
    and status = 'running'
  returning id, event_count, history, priority
),
child as (
  insert into tasks (
    name, input, concurrency_key, priority, expires_at, max_attempts, parent_id, parent_seq
  )
  select :name!, :input!::text::jsonb, :concurrencyKey, coalesce(:priority::task_priority, priority),
         now() + :startTimeoutMs::float8 * interval '1 millisecond', :maxAttempts!, id, event_count
  from parent
  returning id
)
insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, child_id)
select parent.id, event_count, history, :position!, 'child', :name!, :inputHash, :attempt!, 'started', child.id
from parent, child
returning seq;

/* Tries a child again that has failed, or that its parent had abandoned: with its own log, as `retryFailedTask` */
/* does. One that has succeeded by now is told of at once. No row back: the claim is lost. A worker that is just about to */
/* end it, as it was to be cancelled, is refused, and the task is reclaimed like any that its worker does not run. */
/* @name resumeChild */
with held as (
  select id
  from tasks
  where id = :childId!
  for no key update
),
parent as (
  update tasks
  set event_count = event_count + 1,
      open_children = open_children + 1
  from held
  where tasks.id = :taskId!
    and fence = :fence!
    and status = 'running'
  returning tasks.id, event_count, history
),
child as (
  update tasks
  set parent_seq = parent.event_count,
      cancel_requested_at = null,
      status = case when status in ('failed', 'cancelled') then 'queued' else status end,
      run_at = case when status in ('failed', 'cancelled') then now() else run_at end,
      expires_at = case
        when status in ('failed', 'cancelled') and fence = 0
        then now() + :startTimeoutMs::float8 * interval '1 millisecond'
        else expires_at
      end,
      attempt = attempt + (status = 'failed' and error ->> 'name' <> 'NonDeterminismError')::int,
      max_attempts = greatest(max_attempts, attempt + (status = 'failed' and error ->> 'name' <> 'NonDeterminismError')::int),
      retried_seq = case when status in ('failed', 'cancelled') then tasks.event_count else retried_seq end,
      error = null
  from parent
  where tasks.id = :childId!
  returning tasks.id, status
),
started as (
  insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, child_id)
  select parent.id, event_count, history, :position!, 'child', :name!, :inputHash, :attempt!, 'started', child.id
  from parent, child
  returning seq
)
select seq as "seq!", case status when 'succeeded' then tell_parents(array[id]) end as told
from started, child;

/* Suspends a running task until something happens that its program has not seen, or tells what that is. Of this and */
/* a child that ends at the same time, one waits for the other. No row back: the claim is lost, or an earlier answer. */
/* @name suspendTask */
with seen as (
  select id, event_count = :seen! and cancel_requested_at is null as is_all
  from tasks
  where id = :taskId!
    and fence = :fence!
    and status = 'running'
  for no key update
)
update tasks
set status = case when is_all then 'suspended' else status end,
    worker_id = case when is_all then null else worker_id end
from seen
where tasks.id = seen.id
returning is_all as "is_suspended!", cancel_requested_at is not null as "is_cancelled!",
          case when event_count > :seen! then event_log(tasks.id, history, :seen!) end as events;

/* Reads what has happened in a task after an event. */
/* @name readNews */
select event_log(id, history, :seen!) as events
from tasks
where id = :taskId!
  and fence = :fence!
  and status = 'running';

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
returning id, case when parent_seq is not null then tell_parents(array[id]) end as told;

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
returning id, case when parent_seq is not null then tell_parents(array[id]) end as told;

/* Keeps a running task's error and queues its next attempt. No row back: the claim is lost, or the task is to be cancelled. */
/* @name retryTask */
update tasks
set status = 'queued',
    attempt = attempt + 1,
    run_at = now() + :delayMs!::float8 * interval '1 millisecond',
    retried_seq = event_count,
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
returning id, case when parent_seq is not null then tell_parents(array[id]) end as told;

/* Deletes a worker that stops. Refused by the foreign key while a task of its is running. */
/* @name deleteWorker */
delete from workers
where id = :workerId!;

/* Ends a queued or suspended task, and asks the worker of a running one to. No row back: the task has ended, or there */
/* is none. */
/* @name cancelTask */
update tasks
set status = case when status in ('queued', 'suspended') then 'cancelled' else status end,
    cancel_requested_at = coalesce(cancel_requested_at, now())
where id = :id!
  and status in ('queued', 'running', 'suspended')
returning id, case when parent_seq is not null and status = 'cancelled' then tell_parents(array[id]) end as told;

/* Queues a failed or cancelled task again, with its log; its parent, which was told how it ended, hears no more of it. */
/* It gets one more attempt, except after a NonDeterminismError, which has used none. Of two who ask at once, one does. */
/* @name retryFailedTask */
update tasks
set status = 'queued',
    run_at = now(),
    expires_at = null,
    attempt = attempt + (status = 'failed' and error ->> 'name' <> 'NonDeterminismError')::int,
    max_attempts = greatest(max_attempts, attempt + (status = 'failed' and error ->> 'name' <> 'NonDeterminismError')::int),
    retried_seq = event_count,
    parent_seq = null,
    cancel_requested_at = null,
    error = null
where id = :id!
  and status in ('failed', 'cancelled')
returning id;

/* Queues a task that has ended again, with a new history. No row back: it has not ended, or has left children behind */
/* that nobody has abandoned yet. One that was abandoned while it ran may still do so. */
/* @name replayTask */
update tasks
set status = 'queued',
    run_at = now(),
    expires_at = null,
    attempt = 1,
    history = history + 1,
    retried_seq = event_count,
    parent_seq = null,
    cancel_requested_at = null,
    output = null,
    error = null,
    errors = null
where id = :id!
  and status in ('succeeded', 'failed', 'cancelled')
  and open_children = 0
returning id;

/* Reads how a task stands. */
/* @name readTask */
select status, output, error
from tasks
where id = :id!;
