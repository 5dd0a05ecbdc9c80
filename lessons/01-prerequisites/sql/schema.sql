-- A task is one call that somebody wants made. This table holds the calls nobody has made yet.
--
--   enqueue   inserts a row
--   claim     locks a row, for as long as the claimer's transaction lasts
--   finish    deletes it, in that same transaction

create table tasks (
  id          bigint generated always as identity primary key,
  name        text not null,
  input       jsonb not null
);
