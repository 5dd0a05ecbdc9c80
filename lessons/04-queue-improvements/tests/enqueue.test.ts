import { transaction } from "shared/database";
import { freshDatabase, recordStatements } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, enqueueMany, setConcurrencyLimit, task } from "#engine";

const count = task({ name: "count", run: (_: number) => {} });

test("many tasks get their ids in order, those whose key is taken the id of the first", async () => {
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

test("one key without a limit among many: none is added, and the transaction goes on", async () => {
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

test("two batches with the same keys in another order do not wait for each other in a circle", async () => {
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

test("an idempotency key that is taken costs one more statement, one that is free none", async () => {
  const { sql } = await freshDatabase();
  const { sql: recording, statements } = recordStatements(sql);
  await enqueue(recording, count, 1, { idempotencyKey: "order 7" });
  expect(statements.splice(0)).toHaveLength(1);
  await enqueue(recording, count, 1, { idempotencyKey: "order 7" });
  expect(statements).toHaveLength(2);
});

test("one input that cannot be stored among many: nothing is sent", async () => {
  const { sql } = await freshDatabase();
  const many = enqueueMany(sql, count, [{ input: 1 }, { input: 2n as unknown as number }]);
  await expect(many).rejects.toThrow("input is a BigInt");
  expect(await sql`select from tasks`).toHaveLength(0);
});

test("no tasks at all are no ids", async () => {
  const { sql } = await freshDatabase();
  expect(await enqueueMany(sql, count, [])).toEqual([]);
});

test("what a task is enqueued with is what its row says", async () => {
  const { sql } = await freshDatabase();
  const careful = task({
    name: "careful",
    retry: { maxAttempts: 7 },
    startTimeoutMs: 60_000,
    run: (_: null) => {},
  });
  await enqueue(sql, careful, null, {
    priority: "high",
    runAt: new Date("2100-01-01T00:00:00Z"),
    idempotencyKey: "once",
  });
  const [row] = await sql`
    select priority, run_at, expires_at - run_at as allowance, max_attempts, idempotency_key
    from tasks`;
  expect(row).toEqual({
    priority: "high",
    runAt: new Date("2100-01-01T00:00:00Z"),
    allowance: "00:01:00",
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
