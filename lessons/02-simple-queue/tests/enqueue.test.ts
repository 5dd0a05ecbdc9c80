import type { Queryable } from "shared/database";
import { freshDatabase, postgres } from "shared/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { enqueue, enqueueMany, task } from "#engine";

const count = task({ name: "count", run: (_: number) => {} });

test("if one of many inputs cannot be stored, no task is added", async () => {
  const { sql } = await freshDatabase();
  const many = enqueueMany(sql, count, [{ input: 1 }, { input: 2n as unknown as number }]);
  await expect(many).rejects.toThrow("input is a BigInt");
  expect(await sql`select from tasks`).toHaveLength(0);
});

test("enqueueMany without tasks returns no ids", async () => {
  const { sql } = await freshDatabase();
  expect(await enqueueMany(sql, count, [])).toEqual([]);
});

describe("tasks can be added with any pool of the driver, and in any of its transactions", () => {
  const options: [string, postgres.Options<{ bigint: postgres.PostgresType<bigint> }>][] = [
    ["no options", {}],
    ["postgres.camel", { transform: postgres.camel }],
    ["ids as BigInt", { types: { bigint: postgres.BigInt } }],
    ["no prepared statements", { prepare: false }],
  ];

  test.each(options)("with %s", async (_, settings) => {
    const { sql, url, schema } = await freshDatabase();
    const foreign = postgres(url, { ...settings, connection: { search_path: schema } });
    onTestFinished(() => foreign.end());
    const tasks = [{ input: 1 }, { input: 2 }];
    const add = (to: unknown) => enqueueMany(to as Queryable, count, tasks);
    const ids = [...(await add(foreign)), ...(await foreign.begin(add))];

    const rows = await sql`select id from tasks order by id`;
    expect(ids).toEqual(rows.map(({ id }) => id));
  });
});

test("enqueue throws if a trigger drops the task", async () => {
  const { sql } = await freshDatabase();
  await sql.unsafe(`
    create function drop_row() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger drop_row before insert on tasks for each row execute function drop_row()`);
  await expect(enqueue(sql, count, 1)).rejects.toThrow(/does a trigger .*drop/);
});
