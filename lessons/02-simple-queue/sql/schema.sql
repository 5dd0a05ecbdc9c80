-- A task is one call of a function, with its input and its result.
--
--   enqueue   inserts a row           queued
--   claim     hands it to a worker    queued → running
--   succeed   stores its output       running → succeeded
--   fail      stores its error        running → failed

create type task_status as enum (
  'queued',
  'running',
  'succeeded',
  'failed'
);

-- An input or output. `json` returns the text that was stored; `jsonb` would print 5e-324 with 326 digits, and a
-- row that is too large to be read would fail every claim that contains it.
create domain payload as json
  constraint a_payload_is_at_most_16_mb check (octet_length(value::text) <= 16 * 1024 * 1024);

create table tasks (
  id          bigint generated always as identity primary key,
  name        text not null,
  input       payload not null,

  status      task_status not null default 'queued',

  output      payload,
  error       jsonb,
  constraint only_succeeded_tasks_have_an_output check ((output is not null) = (status = 'succeeded')),
  constraint only_failed_tasks_have_an_error check ((error is not null) = (status = 'failed'))
);

-- The claim reads this index in order and stops at its limit; finished tasks are not in it.
create index tasks_to_claim on tasks (id) where status = 'queued';
