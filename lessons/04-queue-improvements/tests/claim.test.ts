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

test("a key that tasks of many names wait for keeps no other key from its turn", async () => {
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
