-- From tasks that run to their end, or forever, to tasks whose worker may be lost. Stop all workers first: the tasks
-- that they still run go back to the queue, and run again.

update tasks set status = 'queued' where status = 'running';

alter type task_status add value 'cancelled';

create type task_priority as enum (
  'high',
  'normal',
  'low'
);

create table workers (
  id                bigint generated always as identity primary key,
  name              text not null,
  lease_expires_at  timestamptz not null
);

alter table tasks
  add column idempotency_key text,
  add column queue text not null default 'default',
  add column priority task_priority not null default 'normal',
  add column run_at timestamptz not null default now(),
  add column attempt int not null default 1,
  add column max_attempts int not null default 3,
  add column worker_id bigint references workers,
  add column fence int not null default 0,
  add column cancel_requested_at timestamptz,
  add column errors jsonb,
  add constraint there_is_an_attempt check (max_attempts >= 1),
  add constraint at_most_one_attempt_too_many check (attempt between 1 and max_attempts + 1),
  add constraint only_running_tasks_have_a_worker check ((worker_id is not null) = (status = 'running'));

drop index tasks_to_claim;
drop index limited_tasks_to_claim;
create index tasks_to_claim on tasks (queue, priority, run_at, id, name) where status = 'queued' and concurrency_key is null;
create index limited_tasks_to_claim on tasks (queue, concurrency_key, priority, run_at, id, name) where status = 'queued' and concurrency_key is not null;
create unique index tasks_by_idempotency_key on tasks (name, idempotency_key) where idempotency_key is not null;
create index tasks_by_worker on tasks (worker_id) where worker_id is not null;

drop function waiting_keys();
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
