-- From tasks that are deleted when they end to tasks that keep their outcome. Waiting tasks become queued tasks.

create type task_status as enum (
  'queued',
  'running',
  'succeeded',
  'failed'
);

create domain payload as json
  constraint a_payload_is_at_most_16_mb check (octet_length(value::text) <= 16 * 1024 * 1024);

alter table tasks
  alter column input type payload using input::json,
  add column status task_status not null default 'queued',
  add column output payload,
  add column error jsonb,
  add constraint only_succeeded_tasks_have_an_output check ((output is not null) = (status = 'succeeded')),
  add constraint only_failed_tasks_have_an_error check ((error is not null) = (status = 'failed'));

create index tasks_to_claim on tasks (id) where status = 'queued';
