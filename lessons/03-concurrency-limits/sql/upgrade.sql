-- Adds concurrency limits. Existing tasks have no concurrency key.

create table concurrency_limits (
  concurrency_key  text primary key,
  max_running      int not null,
  constraint a_limit_is_not_negative check (max_running >= 0)
);

alter table tasks
  add column concurrency_key text references concurrency_limits;

drop index tasks_to_claim;
create index tasks_to_claim on tasks (id) where status = 'queued' and concurrency_key is null;
create index limited_tasks_to_claim on tasks (concurrency_key, id) where status = 'queued' and concurrency_key is not null;
create index limited_tasks_running on tasks (concurrency_key) where status = 'running' and concurrency_key is not null;

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
