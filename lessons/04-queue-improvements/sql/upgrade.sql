-- From tasks that run to their end, or for ever, to tasks with workers that may be lost. Stop all workers
-- before: what they still run goes back to the queue, and runs again.

update tasks set status = 'queued' where status = 'running';

alter type task_status add value 'cancelled';

create type task_priority as enum (
  'high',
  'normal',
  'low'
);

create table workers (
  id             bigint generated always as identity primary key,
  name           text not null,
  lease_ends_at  timestamptz not null
);

alter table tasks
  add column idempotency_key text,
  add column priority task_priority not null default 'normal',
  add column run_at timestamptz not null default now(),
  add column expires_at timestamptz,
  add column attempt int not null default 1,
  add column max_attempts int not null default 3,
  add column worker_id bigint references workers,
  add column fence int not null default 0,
  add column cancel_requested_at timestamptz,
  add column errors jsonb,
  add constraint no_attempt_after_the_last check (attempt between 1 and max_attempts),
  add constraint only_running_tasks_have_a_worker check ((worker_id is not null) = (status = 'running')),
  add constraint no_queued_task_is_to_be_cancelled check (cancel_requested_at is null or status <> 'queued');

drop index tasks_to_claim;
drop index limited_tasks_to_claim;
create index tasks_to_claim on tasks (name, priority, run_at, id) where status = 'queued' and concurrency_key is null;
create index limited_tasks_to_claim on tasks (name, concurrency_key, priority, run_at, id) where status = 'queued' and concurrency_key is not null;
create unique index tasks_by_idempotency_key on tasks (name, idempotency_key) where idempotency_key is not null;
create index tasks_by_worker on tasks (worker_id) where worker_id is not null;
create index tasks_to_expire on tasks (expires_at) where status = 'queued' and expires_at is not null;
