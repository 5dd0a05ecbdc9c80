/* Hands the caller up to $2 queued tasks of the key $1, oldest first. However many workers claim at once, no more tasks of */
/* the key are running than its limit allows. */
/* @name claimTasksOfOneKey */
with locked as (
  select concurrency_key
  from concurrency_limits
  where concurrency_key = $1
  for no key update skip locked
),
due as (
  select next.id
  from locked
  cross join lateral (
    select id
    from tasks
    where status = 'queued'
      and concurrency_key = locked.concurrency_key
    order by id
    -- Counted after the lock is taken.
    limit greatest(capacity_left(locked.concurrency_key), 0)
    for update skip locked
  ) as next
  limit $2
)
update tasks
set status = 'running'
where id = any (array(select id from due))
returning id, name, input;
