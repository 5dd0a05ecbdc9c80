import { expect, test } from "vitest";
import { emptySchema } from "./fresh-database.ts";
import { moveTime } from "./move-time.ts";

const times = `
  create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
  create table times (n int primary key, at timestamptz, until timestamptz);
  insert into times values (1, '2030-01-01 00:01:00Z'), (2, null)`;

test("every time moves into the past", async () => {
  const { sql } = await emptySchema();
  await sql.unsafe(times);
  await moveTime(sql, { seconds: 60 });
  expect(await sql`select at from times order by n`).toEqual([
    { at: new Date("2030-01-01T00:00:00Z") },
    { at: null },
  ]);
});

test.each([
  ["stays in a table that refuses updates", "before update or delete", "", 1],
  ["stays if each row refuses them", "before update", "for each row", 1],
  ["moves if only inserts are refused", "before insert", "", 0],
])("time %s", async (_, when, each, minute) => {
  const { sql } = await emptySchema();
  await sql.unsafe(`${times}; create trigger t ${when} on times ${each} execute function refuse()`);
  await moveTime(sql, { seconds: 60 });
  const [row] = await sql`select at from times where n = 1`;
  expect(row?.at).toEqual(new Date(`2030-01-01T00:0${minute}:00Z`));
});

test("time moves where the trigger is switched off, and where it is one of Postgres itself", async () => {
  const { sql } = await emptySchema();
  await sql.unsafe(`${times};
    create trigger t before update on times execute function refuse();
    alter table times disable trigger t;
    create table others (n int references times, at timestamptz);
    insert into others values (1, '2030-01-01 00:01:00Z')`);
  await moveTime(sql, { seconds: 60 });
  expect(await sql`select times.at from times join others using (n, at)`).toEqual([
    { at: new Date("2030-01-01T00:00:00Z") },
  ]);
});
