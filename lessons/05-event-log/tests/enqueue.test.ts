import { type Queryable, transaction } from "shared/database";
import { freshDatabase, postgres, stoppingAt } from "shared/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { enqueue, enqueueMany, setConcurrencyLimit, task } from "#engine";

const count = task({ name: "count", run: (_: number) => {} });

describe("tasks can be added on any pool of the driver, and in any of its transactions", () => {
  const options: [string, postgres.Options<{ bigint: postgres.PostgresType<bigint> }>][] = [
    ["no options", {}],
    ["postgres.camel", { transform: postgres.camel }],
    ["ids as BigInt", { types: { bigint: postgres.BigInt } }],
    ["no prepared statements", { prepare: false }],
  ];

  test.each(options)("with %s", async (_, its) => {
    const { sql, url, schema } = await freshDatabase();
    const foreign = postgres(url, { ...its, connection: { search_path: schema } });
    onTestFinished(() => foreign.end());
    const tasks = [{ input: 1, idempotencyKey: "order 7" }, { input: 2 }];
    const add = (to: unknown) => enqueueMany(to as Queryable, count, tasks);
    const ids = [...(await add(foreign)), ...(await foreign.begin(add))];

    const [first, second, third] = (await sql`select id from tasks order by id`).map(
      ({ id }) => id,
    );
    expect(ids).toEqual([first, second, first, third]);
  });
});

test("a task that a trigger drops is an error, and the call returns", async () => {
  const { sql } = await freshDatabase();
  await sql.unsafe(`
    create function drop_row() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger drop_row before insert on tasks for each row execute function drop_row()`);
  await expect(enqueue(sql, count, 1)).rejects.toThrow(
    "A task was not added; does a trigger on the table drop rows?",
  );
  await expect(enqueue(sql, count, 1, { idempotencyKey: "order 7" })).rejects.toThrow(
    /none has its idempotency key "order 7"; does a trigger/,
  );
});

test("a key whose task cannot be seen is an error, and the call returns", async () => {
  const { sql, schema } = await freshDatabase();
  await enqueue(sql, count, 1, { idempotencyKey: "hidden" });
  const reserved = await sql.reserve();
  onTestFinished(() => reserved.release());
  const [{ role } = { role: "" }] = await sql`select 'reader_' || gen_random_uuid() as role`;
  await sql.unsafe(`
    create role "${role}";
    grant all on all tables in schema ${schema} to "${role}";
    grant all on all sequences in schema ${schema} to "${role}";
    grant usage on schema ${schema} to "${role}";
    alter table tasks enable row level security;
    create policy only_others on tasks using (input::text = '2')`);
  onTestFinished(() => sql.unsafe(`drop owned by "${role}"; drop role "${role}"`).then(() => {}));
  await reserved.unsafe(`set role "${role}"`);
  await expect(enqueue(reserved, count, 2, { idempotencyKey: "hidden" })).rejects.toThrow(
    /none has its idempotency key "hidden"; .* row-level security/,
  );
  await reserved`reset role`;
});

test("a limit that is set while a task is being added is no error", async () => {
  const { sql } = await freshDatabase();
  const lookUp = { query: "findConcurrencyLimits", when: "before" } as const;
  const racing = stoppingAt(sql, lookUp, () => setConcurrencyLimit(sql, "shop", 1));
  const id = await enqueue(racing, count, 1, { concurrencyKey: "shop" });
  expect(await sql`select id from tasks`).toEqual([{ id }]);
});

test("the delay of a task that is added late in a transaction starts with its enqueue", async () => {
  const { sql } = await freshDatabase();
  const [row] = await transaction(sql, async (tx) => {
    await tx`select pg_sleep(0.2)`;
    const id = await enqueue(tx, count, 1, { delayMs: 100 });
    // In a transaction, now() is its start.
    return tx`select run_at >= now() + interval '300 ms' as "isLater" from tasks where id = ${id}`;
  });
  expect(row).toEqual({ isLater: true });
});
