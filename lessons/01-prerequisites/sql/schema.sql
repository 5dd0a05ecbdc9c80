-- A task is one call of a function, with its input. This table contains the tasks that have not run yet.
--
--   enqueue   inserts a row
--   claim     locks the row until the end of the transaction
--   finish    deletes the row in the same transaction

create table tasks (
  id          bigint generated always as identity primary key,
  name        text not null,
  input       jsonb not null
);
