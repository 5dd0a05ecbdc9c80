-- From tasks that are deleted when they end to tasks that keep their outcome. What waits is queued.

create type task_status as enum (
  'queued',
  'running',
  'succeeded',
  'failed'
);

alter table tasks
  add column status task_status not null default 'queued',
  add column output jsonb,
  add column error jsonb,
  add constraint only_succeeded_tasks_have_an_output check ((output is not null) = (status = 'succeeded')),
  add constraint only_failed_tasks_have_an_error check ((error is not null) = (status = 'failed'));

create index tasks_to_claim on tasks (id) where status = 'queued';
