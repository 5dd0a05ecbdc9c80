import { one, transaction } from "shared/database";
import { freshDatabase, moveTime, recordStatements } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, setConcurrencyLimit, task, Worker } from "#engine";

test("tasks of two names that share a key are claimed together, in their order", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const a = task({ name: "a", run: (who: string) => void ran.push(who) });
  const b = task({ name: "b", run: (who: string) => void ran.push(who) });
  await setConcurrencyLimit(sql, "shared", 3);
  const key = { concurrencyKey: "shared" };
  await enqueue(sql, b, "first", key);
  await enqueue(sql, a, "second", key);
  await enqueue(sql, b, "third", key);

  const worker = new Worker(sql, { tasks: [a, b], slots: 2, log: () => {} });
  expect(await worker.tick()).toBe(2);
  expect(ran.toSorted()).toEqual(["first", "second"]);
  expect(await worker.tick()).toBe(1);
});

test("a full key with waiting tasks of many names does not delay other keys", async () => {
  const { sql } = await freshDatabase();
  const names = Array.from({ length: 10 }, (_, n) =>
    task({ name: `name ${n}`, run: (_: null) => {} }),
  );
  await setConcurrencyLimit(sql, "shared", 1);
  await setConcurrencyLimit(sql, "mail", 9);
  for (const each of names) await enqueue(sql, each, null, { concurrencyKey: "shared" });
  const mail = task({ name: "mail", run: (_: null) => {} });
  for (let n = 0; n < 9; n += 1) await enqueue(sql, mail, null, { concurrencyKey: "mail" });

  const worker = new Worker(sql, { tasks: [...names, mail], slots: 10, log: () => {} });
  expect(await worker.tick()).toBe(10);
});

test("due tasks of a key are claimed by priority", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const call = task({ name: "call", run: (which: string) => void ran.push(which) });
  await setConcurrencyLimit(sql, "api", 1);
  const key = { concurrencyKey: "api" };
  await enqueue(sql, call, "old", key);
  await enqueue(sql, call, "urgent", { ...key, priority: "high" });
  await enqueue(sql, call, "later", { ...key, priority: "high", delayMs: 60_000 });

  const worker = new Worker(sql, { tasks: [call], slots: 1, log: () => {} });
  while ((await worker.tick()) > 0);
  await moveTime(sql, { seconds: 60 });
  await worker.tick();
  expect(ran).toEqual(["urgent", "old", "later"]);
});

test("keys take turns in the order of their first due tasks, so none starves", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const call = task({ name: "call", run: (key: string) => void ran.push(key) });
  for (let n = 1; n <= 12; n += 1) await setConcurrencyLimit(sql, `key ${n}`, 1);
  for (let turn = 1; turn <= 2; turn += 1) {
    // The last key in the index has the oldest task.
    for (const n of [9, 8, 7, 6, 5, 4, 3, 2, 12, 11, 10, 1]) {
      await enqueue(sql, call, `key ${n}`, { concurrencyKey: `key ${n}` });
    }
  }
  const worker = new Worker(sql, { tasks: [call], slots: 1, log: () => {} });
  while ((await worker.tick()) > 0);

  const turns = [9, 8, 7, 6, 5, 4, 3, 2, 12, 11, 10, 1].map((n) => `key ${n}`);
  expect(ran).toEqual([...turns, ...turns]);
});

test("a claim locks only the tasks that it takes, and the next claim gets all others", async () => {
  const { sql } = await freshDatabase();
  const work = task({ name: "work", run: () => {} });
  const recorded = recordStatements(sql);
  await new Worker(recorded.sql, { tasks: [work], slots: 5, log: () => {} }).tick();
  const { text, values } = one(recorded.of("claimTasks"));
  for (const priority of ["high", "normal", "low"] as const) {
    for (let n = 1; n <= 4; n += 1) await enqueue(sql, work, null as never, { priority });
  }
  await transaction(sql, async (tx) => {
    expect(await tx.unsafe(text, values as never[])).toHaveLength(5);
    expect(await new Worker(sql, { tasks: [work], slots: 12, log: () => {} }).tick()).toBe(7);
  });
});

test("a worker skips tasks of a key whose names it does not know", async () => {
  const { sql } = await freshDatabase();
  const known = task({ name: "known", run: () => {} });
  const foreign = task({ name: "foreign", run: () => {} });
  await setConcurrencyLimit(sql, "shared", 1);
  await enqueue(sql, foreign, null as never, { concurrencyKey: "shared" });
  await enqueue(sql, known, null as never, { concurrencyKey: "shared" });

  await new Worker(sql, { tasks: [known], log: () => {} }).tick();
  const rows = await sql`select name, status from tasks order by id`;
  expect(rows).toEqual([
    { name: "foreign", status: "queued" },
    { name: "known", status: "succeeded" },
  ]);
});
