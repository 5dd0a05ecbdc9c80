import { transaction } from "shared/database";
import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, enqueueMany, task } from "#engine";
import { listenToCalls } from "./calls.ts";
import { startIdle } from "./idle-worker.ts";

const greet = task({ name: "greet", run: (name: string) => `hello ${name}` });

/** So many idle workers, and a look at who of them was called. */
async function idleWorkers(count: number) {
  const database = await freshDatabase();
  const names = Array.from({ length: count }, (_, n) => `worker-${n}`);
  const start = (name: string) => startIdle(database.sql, { name, tasks: [greet] });
  await Promise.all(names.map(start));
  return { ...database, names, called: await listenToCalls(database) };
}

test("of ten idle workers, one is called for one task", async () => {
  const { sql, called } = await idleWorkers(10);
  await enqueue(sql, greet, "you");

  expect(await called()).toHaveLength(1);
});

test("of ten idle workers, three are called for three tasks", async () => {
  const { sql, called } = await idleWorkers(10);
  const tasks = ["you", "them", "all"].map((input) => ({ input }));
  await enqueueMany(sql, greet, tasks);

  const workers = await called();
  expect(workers).toHaveLength(3);
  expect(new Set(workers).size).toBe(3);
});

test("no idle worker is called twice for what is queued in one transaction", async () => {
  const { sql, names, called } = await idleWorkers(10);
  await transaction(sql, async (tx) => {
    await enqueueMany(
      tx,
      greet,
      Array.from({ length: 990 }, () => ({ input: "you" })),
    );
    for (let n = 0; n < 10; n += 1) await enqueue(tx, greet, "them");
    expect(await called()).toEqual([]);
  });

  expect(await called()).toEqual(names);
});
