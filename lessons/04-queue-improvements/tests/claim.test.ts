import { freshDatabase, moveTime } from "shared/testing";
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

test("a limited task of a higher priority goes before an older one without a key, if it is due", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const call = task({ name: "call", run: (who: string) => void ran.push(who) });
  await setConcurrencyLimit(sql, "api", 1);
  await enqueue(sql, call, "old");
  await enqueue(sql, call, "urgent", { concurrencyKey: "api", priority: "high" });
  await enqueue(sql, call, "later", { concurrencyKey: "api", priority: "high", delayMs: 60_000 });

  const worker = new Worker(sql, { tasks: [call], slots: 1, log: () => {} });
  while ((await worker.tick()) > 0);
  await moveTime(sql, { seconds: 60 });
  await worker.tick();
  expect(ran).toEqual(["urgent", "old", "later"]);
});

test("a key whose tasks are of a name that the worker does not know is left alone", async () => {
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
