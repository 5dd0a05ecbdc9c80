-- From tasks without a limit to tasks that may have one. What waits has none.

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

create function running_tasks(key text) returns bigint
language sql volatile
as $$
  select count(*)
  from tasks
  where concurrency_key = key
    and status = 'running'
$$;
