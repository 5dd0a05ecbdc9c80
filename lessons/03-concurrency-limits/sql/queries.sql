/* Sets the maximum number of tasks of a key that may run at once. A claim that is under way uses the old limit or the new one. */
/* @name setConcurrencyLimit */
insert into concurrency_limits (concurrency_key, max_running)
values (:concurrencyKey!, :maxRunning!)
on conflict (concurrency_key) do update
set max_running = excluded.max_running;

/* Adds tasks of one name, in order, or none if a concurrency key has no limit; in that case, returns the unknown keys. */
/* Other transactions cannot see the tasks until the inserting transaction commits. */
/* @name insertTasks */
with wanted as (
  select *
  from json_to_recordset(:tasks!::text::json) as task (
    input text,
    concurrency_key text
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
  insert into tasks (name, input, concurrency_key)
  select :name!, input::payload, concurrency_key
  from wanted
  where not exists (select from unknown)
  returning id
)
select id, null as unknown_key from inserted
union all
select null, concurrency_key from unknown;

/* Reads whether any concurrency key has a limit. */
/* @name haveLimits */
select exists (select from concurrency_limits) as "has_limits!";

/* Hands the caller up to :limit queued tasks without a concurrency key, oldest first. Two workers never get the same one. */
/* @name claimTasks */
with due as (
  select id
  from tasks
  where status = 'queued'
    and concurrency_key is null
  order by id
  limit :limit!
  for update skip locked  -- Do not wait for a row that another worker is claiming.
),
claimed as (
  update tasks
  set status = 'running'
  where id = any (array(select id from due))
  returning *
)
select id, name, input
from claimed
order by id;

/* Hands the caller up to :limit queued tasks with a concurrency key, the oldest of each key. Two workers never get the */
/* same one, and however many workers claim at once, no more tasks of a key are running than its limit allows. */
/* @name claimLimitedTasks */
with open as (
  -- The keys below their limit, ordered by their first task.
  select key
  from waiting_keys() as key
  cross join lateral (
    select id
    from tasks
    where status = 'queued'
      and concurrency_key = key
    order by id
    limit 1
  ) as first
  where capacity_left(key) > 0
  order by first.id
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
    order by id
    -- Counted again: the worker that held the lock before us has committed its claim by now.
    limit greatest(capacity_left(locked.concurrency_key), 0)
    for update skip locked
  ) as next
  limit :limit!
),
claimed as (
  update tasks
  set status = 'running'
  where id = any (array(select id from due))
  returning *
)
select id, name, input
from claimed
order by id;

/* Writes the outcome of a running task. No row back: the task is not running any more. */
/* @name endRun */
update tasks
set status = :status!,
    output = :output::text::payload,
    error = :error::text::jsonb
where id = :id!
  and status = 'running'
returning status;

/* Reads the status of a task. */
/* @name readTask */
select status, output, error
from tasks
where id = :id!;
