-- A task is one call that somebody wants made, and what came of it.
--
--   enqueue   inserts a row        queued
--   claim     hands it to a worker queued → running
--   succeed   keeps its output     running → succeeded
--   fail      keeps its error      running → failed

create type task_status as enum (
  'queued',
  'running',
  'succeeded',
  'failed'
);

create table tasks (
  id          bigint generated always as identity primary key,
  name        text not null,
  input       jsonb not null,

  status      task_status not null default 'queued',

  output      jsonb,
  error       jsonb,
  constraint only_succeeded_tasks_have_an_output check ((output is not null) = (status = 'succeeded')),
  constraint only_failed_tasks_have_an_error check ((error is not null) = (status = 'failed'))
);

-- The claim reads this index in order and stops at its limit; finished tasks are not in it.
create index tasks_to_claim on tasks (id) where status = 'queued';
