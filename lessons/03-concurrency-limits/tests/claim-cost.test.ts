import { one, type Sql } from "shared/database";
import {
  explain,
  freshDatabase,
  oneConnection,
  pagesTouched,
  recordStatements,
  rowsRead,
  type Statement,
} from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, setConcurrencyLimit, task, Worker } from "#engine";

const call = task({ name: "call", run: (_: null) => {} });

test("while there are no limits, a worker sends no statement for limited tasks", async () => {
  const { sql } = await freshDatabase();
  const recorded = recordStatements(sql);
  const options = { tasks: [call], pollIntervalMs: 1, log: () => {} };
  const worker = new Worker(recorded.sql, options);
  const startedAt = performance.now();
  worker.start();
  await expect.poll(() => recorded.statements.length).toBeGreaterThan(20);
  await worker.stop();

  const seconds = Math.ceil((performance.now() - startedAt) / 1_000);
  const others = recorded.takeNames("claimTasks");
  expect(others).not.toContain("claimLimitedTasks");
  // Later lessons also send heartbeats.
  expect(others.length).toBeLessThanOrEqual(seconds + 4);
});

test("a claim of tasks without a key reads ten rows, however many limits and limited tasks there are", async () => {
  const { sql } = await freshDatabase();
  const claim = await claimOfTen(sql, "claimTasks");
  await addFinished(sql);
  for (let n = 0; n < 50; n += 1) {
    await setConcurrencyLimit(sql, `key ${n}`, 1);
    await enqueue(sql, call, null, { concurrencyKey: `key ${n}` });
  }
  for (let n = 0; n < 50; n += 1) await enqueue(sql, call, null);

  const plan = await explain(sql, claim);
  expect(rowsRead(plan, "concurrency_limits")).toBe(0);
  // Ten from the index, and the same ten by primary key, to update them.
  expect(rowsRead(plan, "tasks")).toBe(20);
});

test("a full key costs a claim the same pages, however many of its tasks are queued", async () => {
  const { connection: sql } = await oneConnection(await freshDatabase());
  await setConcurrencyLimit(sql, "full", 0);
  const claim = await claimOfTen(sql, "claimLimitedTasks");
  await addFinished(sql);
  await enqueue(sql, call, null, { concurrencyKey: "full" });
  const withOne = await pagesTouched(sql, claim);
  for (let n = 0; n < 200; n += 1) await enqueue(sql, call, null, { concurrencyKey: "full" });

  expect(withOne).toBeGreaterThan(0);
  expect(await pagesTouched(sql, claim)).toBeLessThanOrEqual(withOne + 2);
});

test("a claim reads a few pages for each key with queued tasks, and none for the limits of other keys", async () => {
  const { connection: sql } = await oneConnection(await freshDatabase());
  await setConcurrencyLimit(sql, "first", 1);
  const claim = await claimOfTen(sql, "claimLimitedTasks");
  await addFinished(sql);
  await enqueue(sql, call, null, { concurrencyKey: "first" });
  const alone = await pagesTouched(sql, claim);
  await sql`insert into concurrency_limits select 'other ' || n, 1 from generate_series(1, 20000) as n`;
  for (let n = 1; n <= 5; n += 1) await enqueue(sql, call, null, { concurrencyKey: `other ${n}` });

  // An index of 20,000 keys has one level more than an index of one key.
  expect(await pagesTouched(sql, claim)).toBeLessThanOrEqual(6 * (alone + 10));
});

/** Adds so many rows that Postgres prefers an index to reading the whole table. */
async function addFinished(sql: Sql): Promise<void> {
  await sql`
    insert into tasks (name, input, status, output)
    select 'call', 'null', 'succeeded', 'null' from generate_series(1, 10000)`;
  await sql`analyze tasks`;
}

/** Returns the claim that a worker with ten free slots sends. */
async function claimOfTen(sql: Sql, query: string): Promise<Statement> {
  const recorded = recordStatements(sql);
  await new Worker(recorded.sql, { tasks: [call], slots: 10, log: () => {} }).tick();
  return one(recorded.of(query));
}
