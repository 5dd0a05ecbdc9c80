import { expect, test } from "vitest";
import { symbolsOf } from "./symbols.ts";

const QUERIES = `/* The queries; in order. */

/* Hands out up to :limit tasks; two workers never get the same one. */
/* @name claimTasks */
with due as (
  select id from tasks -- A comment; with a semicolon.
  where name <> 'a;b' and "odd;name" is null
)
update tasks set status = 'running' from due
returning tasks.id;

/* @name enqueue @param input -> (a, b) */
insert into tasks (name) values (:name!);
`;

const SCHEMA = `-- A map of the tables.

-- How far it got;
-- in order.
create type task_status as enum ('queued', 'it''s; done');

create table if not exists tasks (
  id bigint primary key /* nested /* ; */ ; */
); -- Not the index's comment.
create index tasks_to_claim on tasks (run_at) where status = 'queued';

-- Wakes it.
create or replace function wake() returns trigger language plpgsql as $body$
begin
  perform 'x;'; -- $$ ;
  return new;
end;
$body$;

create constraint trigger wake_up after insert on tasks for each row execute function wake();
create unique index concurrently public."by;key" on tasks (key)`;

test("a query is found by its name, with the comments directly above it", () => {
  const { find, names } = symbolsOf("a.sql", QUERIES);
  expect(find("claimTasks")).toBe(
    QUERIES.slice(QUERIES.indexOf("/* Hands"), QUERIES.indexOf("\n\n/* @name enqueue")),
  );
  expect(find("enqueue")).toBe(
    "/* @name enqueue @param input -> (a, b) */\ninsert into tasks (name) values (:name!);",
  );
  expect(find("claim")).toBeUndefined();
  expect(names("claim")).toEqual(["claimTasks", "enqueue"]);
});

test("a created object is found by its name, up to its final semicolon", () => {
  const { find, names } = symbolsOf("a.sql", SCHEMA);
  expect(find("task_status")).toBe(
    "-- How far it got;\n-- in order.\ncreate type task_status as enum ('queued', 'it''s; done');",
  );
  expect(find("tasks")).toMatch(/^create table if not exists tasks \([\s\S]*\*\/\n\);$/);
  expect(find("tasks_to_claim")).toMatch(/^create index tasks_to_claim .*;$/);
  expect(find("wake")).toMatch(/^-- Wakes it\.\ncreate or replace[\s\S]*\$body\$;$/);
  expect(find("wake_up")).toMatch(/^create constraint trigger wake_up .*;$/);
  expect(find("by;key")).toMatch(/^create unique index .*\(key\)$/);
  expect(names("")).toHaveLength(6);
});
