import { expect, test } from "vitest";
import { emptySchema } from "./fresh-database.ts";
import { moveTime } from "./move-time.ts";

const times = `
  create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
  create table times (n int primary key, at timestamptz, until timestamptz);
  insert into times values (1, '2030-01-01 00:01:00Z'), (2, null)`;

test("every timestamp moves into the past", async () => {
  const { sql } = await emptySchema();
  await sql.unsafe(times);
  await moveTime(sql, { seconds: 60 });
  expect(await sql`select at from times order by n`).toEqual([
    { at: new Date("2030-01-01T00:00:00Z") },
    { at: null },
  ]);
});

test.each([
  ["stays in a table whose trigger refuses updates", "before update or delete", "", 1],
  ["stays in a table whose row trigger refuses updates", "before update", "for each row", 1],
  ["moves in a table whose trigger refuses only inserts", "before insert", "", 0],
])("time %s", async (_, when, each, minute) => {
  const { sql } = await emptySchema();
  await sql.unsafe(`${times}; create trigger t ${when} on times ${each} execute function refuse()`);
  await moveTime(sql, { seconds: 60 });
  const [row] = await sql`select at from times where n = 1`;
  expect(row?.at).toEqual(new Date(`2030-01-01T00:0${minute}:00Z`));
});

test("time moves in tables whose trigger is disabled or belongs to a foreign key", async () => {
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
