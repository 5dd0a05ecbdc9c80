/* Sets how many tasks of a key may be running at once. A claim that is under way goes by one limit or the other. */
/* @name setConcurrencyLimit */
insert into concurrency_limits (concurrency_key, max_running)
values (:concurrencyKey!, :maxRunning!)
on conflict (concurrency_key) do update
set max_running = excluded.max_running;

/* Adds a task, unless its key has no limit. Nobody else sees it before the transaction that adds it commits. */
/* @name insertTask */
insert into tasks (name, input, concurrency_key)
select :name!::text, :input!::text::jsonb, :concurrencyKey::text
where :concurrencyKey::text is null
  or exists (select from concurrency_limits where concurrency_key = :concurrencyKey)
returning id;

/* Hands the caller up to :limit queued tasks, oldest first. Two workers never get the same one, and */
/* however many claim at once, no more tasks of a key are running than its limit allows. */
/* @name claimTasks */
with recursive waiting as (
  -- The oldest task of each key that has tasks waiting: one look into the index for a key, not for a task.
  (
    select concurrency_key, id
    from tasks
    where status = 'queued'
      and concurrency_key is not null
    order by concurrency_key, id
    limit 1
  )
  union all
  select next.concurrency_key, next.id
  from waiting
  cross join lateral (
    select concurrency_key, id
    from tasks
    where status = 'queued'
      and concurrency_key > waiting.concurrency_key
    order by concurrency_key, id
    limit 1
  ) as next
),
wanted as (
  -- The keys with room, those first whose tasks have waited longest.
  select concurrency_key
  from waiting
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
  order by id
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
  select next.id
  from room
  cross join lateral (
    select id
    from tasks
    where status = 'queued'
      and concurrency_key = room.concurrency_key
    order by id
    limit least(room.free, :limit!)
    for update skip locked
  ) as next
),
unlimited as (
  select id
  from tasks
  where status = 'queued'
    and concurrency_key is null
  order by id
  limit :limit!
  for update skip locked  -- A row another worker is claiming is not ours to wait for.
),
due as (
  select id from limited
  union all
  select id from unlimited
  order by id
  limit :limit!
),
claimed as (
  update tasks
  set status = 'running'
  where id = any (array(select id from due))
  returning id, name, input
)
select id, name, input
from claimed
order by id;

/* Keeps a running task's output. */
/* @name succeedTask */
update tasks
set status = 'succeeded',
    output = :output!::text::jsonb
where id = :id!
  and status = 'running';

/* Keeps a running task's error. */
/* @name failTask */
update tasks
set status = 'failed',
    error = :error!::text::jsonb
where id = :id!
  and status = 'running';

/* Reads how a task stands. */
/* @name readTask */
select status, output, error
from tasks
where id = :id!;
