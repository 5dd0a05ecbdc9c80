import { transaction } from "shared/database";
import { freshDatabase, recordStatements } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, enqueueMany, setConcurrencyLimit, task } from "#engine";

const count = task({ name: "count", run: (_: number) => {} });

test("many tasks get ids in their order; a task whose key is taken gets the id of the first task", async () => {
  const { sql } = await freshDatabase();
  const first = await enqueue(sql, count, 0, { idempotencyKey: "a" });
  const ids = await enqueueMany(sql, count, [
    { input: 1 },
    { input: 2, idempotencyKey: "a" },
    { input: 3, idempotencyKey: "b" },
    { input: 4 },
    { input: 5, idempotencyKey: "b" },
  ]);

  expect(ids[1]).toBe(first);
  expect(ids[4]).toBe(ids[2]);
  const rows = await sql`select id, input from tasks`;
  const inputs = ids.map((id) => rows.find((row) => row.id === id)?.input);
  expect(inputs).toEqual([1, 0, 3, 4, 3]);
  expect(rows).toHaveLength(4);
});

test("if one concurrency key of many has no limit, no task is added, and the transaction can go on", async () => {
  const { sql } = await freshDatabase();
  await setConcurrencyLimit(sql, "known", 1);
  await transaction(sql, async (tx) => {
    const many = enqueueMany(tx, count, [
      { input: 1, concurrencyKey: "known" },
      { input: 2, concurrencyKey: "unknown" },
      { input: 3 },
    ]);
    await expect(many).rejects.toThrow('Concurrency key "unknown" has no limit');
    await enqueue(tx, count, 4);
  });
  expect(await sql`select input from tasks`).toEqual([{ input: 4 }]);
});

test("two batches with the same keys in opposite orders do not deadlock", async () => {
  const { sql } = await freshDatabase();
  const keyed = Array.from({ length: 1_000 }, (_, n) => ({
    input: n,
    idempotencyKey: `order ${n}`,
  }));
  const [ids, reversed] = await Promise.all([
    enqueueMany(sql, count, keyed),
    enqueueMany(sql, count, keyed.toReversed()),
  ]);
  expect(reversed.toReversed()).toEqual(ids);
  expect(await sql`select from tasks`).toHaveLength(1_000);
});

test("an enqueue with a taken idempotency key costs a second statement", async () => {
  const { sql } = await freshDatabase();
  const { sql: recording, statements } = recordStatements(sql);
  await enqueue(recording, count, 1, { idempotencyKey: "order 7" });
  expect(statements.splice(0)).toHaveLength(1);
  await enqueue(recording, count, 1, { idempotencyKey: "order 7" });
  expect(statements).toHaveLength(2);
});

test("an enqueue throws if the task with its key is hidden by row-level security", async () => {
  const { sql, schema } = await freshDatabase();
  await enqueue(sql, count, 1, { idempotencyKey: "hidden" });
  await sql.unsafe(`
    alter table tasks enable row level security, force row level security;
    create policy only_the_second on tasks using (input::text = '2');
    grant usage on schema ${schema} to pg_monitor;
    grant all on all tables in schema ${schema} to pg_monitor;
    grant all on all sequences in schema ${schema} to pg_monitor`);
  const reserved = await sql.reserve();
  onTestFinished(() => reserved.release());
  // Policies do not apply to a superuser.
  const [me] = await sql`select rolsuper as is_super from pg_roles where rolname = current_user`;
  if (me?.isSuper) await reserved`set role pg_monitor`;

  await expect(enqueue(reserved, count, 2, { idempotencyKey: "hidden" })).rejects.toThrow(
    /none has its idempotency key "hidden"; .* row-level security/,
  );
  await reserved`reset role`;
});

test("a delay begins with the enqueue, not with its transaction", async () => {
  const { sql } = await freshDatabase();
  const due = await transaction(sql, async (tx) => {
    await tx`select pg_sleep(0.2)`;
    const id = await enqueue(tx, count, 1, { delayMs: 100 });
    const [row] = await tx`select run_at > clock_timestamp() as later from tasks where id = ${id}`;
    return row;
  });
  expect(due).toEqual({ later: true });
});

test("a task's row has all options of its enqueue", async () => {
  const { sql } = await freshDatabase();
  const careful = task({
    name: "careful",
    retry: { maxAttempts: 7 },
    run: (_: null) => {},
  });
  await enqueue(sql, careful, null, {
    priority: "high",
    queue: "careful",
    runAt: new Date("2100-01-01T00:00:00Z"),
    idempotencyKey: "once",
  });
  const [row] = await sql`
    select priority, queue, run_at, max_attempts, idempotency_key
    from tasks`;
  expect(row).toEqual({
    priority: "high",
    queue: "careful",
    runAt: new Date("2100-01-01T00:00:00Z"),
    maxAttempts: 7,
    idempotencyKey: "once",
  });
});

test.each([
  [{ priority: "urgent" }, /priority is urgent; it must be "high", "normal" or "low"/],
  [{ delayMs: -1 }, /delayMs is -1/],
  [{ delayMs: 1.5 }, /delayMs is 1.5/],
  [{ delayMs: 1, runAt: new Date() }, /either runAt or delayMs/],
  [{ delayMs: 1e15 }, /delayMs is 1000000000000000/],
  [{ runAt: new Date(Number.NaN) }, /runAt is Invalid Date; it must be a date/],
  [{ runAt: new Date(8.64e15) }, /it must be a date in the years 1 to 9999/],
  [{ idempotencyKey: "a\0b" }, /idempotencyKey contains a NUL/],
])("a task with the options %j is refused", async (options, message) => {
  const { sql } = await freshDatabase();
  await expect(enqueue(sql, count, 1, options as object)).rejects.toThrow(message);
  expect(await sql`select from tasks`).toHaveLength(0);
});
