import { transaction } from "shared/database";
import { freshDatabase, Gate } from "shared/testing";
import { describe, expect, test } from "vitest";
import { enqueue, task, Worker } from "#engine";
import { limitTo } from "./limit-to.ts";

describe("across all workers, no more tasks of a key run than its limit allows", () => {
  test("three workers share a limit of 3", async () => {
    const { sql } = await freshDatabase();
    const gate = new Gate();
    const call = task({ name: "call", run: () => gate.pass() });
    await limitTo(sql, "api", 3);
    for (let n = 0; n < 6; n += 1) await enqueue(sql, call, n, { concurrencyKey: "api" });

    const first = new Worker(sql, { tasks: [call], slots: 2 }).tick();
    await gate.arrived(2);
    const second = new Worker(sql, { tasks: [call], slots: 6 }).tick();
    await Promise.race([second, gate.arrived(3)]);
    const third = new Worker(sql, { tasks: [call], slots: 6 }).tick();
    await Promise.race([third, gate.arrived(4)]);
    gate.open();

    expect([await first, await second, await third]).toEqual([2, 1, 0]);
  });

  test("a task that has the lowest id and commits last does not exceed the limit", async () => {
    const { sql } = await freshDatabase();
    const gate = new Gate();
    const call = task({ name: "call", run: () => gate.pass() });
    const key = { concurrencyKey: "api" };
    await limitTo(sql, "api", 1);
    const options = { tasks: [call] };

    let second: Promise<number> | undefined;
    await transaction(sql, async (tx) => {
      await enqueue(tx, call, "has the lower id", key);
      await enqueue(sql, call, "commits first", key);
      second = new Worker(sql, options).tick();
      await gate.arrived(1);
    });
    // The queued task has the lower id of the two: a claim that takes the first one by id would start it.
    const late = new Worker(sql, options).tick();
    await Promise.race([late, gate.arrived(2)]);
    gate.open();

    expect([await second, await late]).toEqual([1, 0]);
  });
});

test("a full key blocks neither other keys nor tasks without a key", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const ran: string[] = [];
  const call = task({
    name: "call",
    run: async (who: string) => {
      ran.push(who);
      await gate.pass();
    },
  });
  await limitTo(sql, "full", 1);
  await limitTo(sql, "free", 1);
  // More tasks than the worker has slots, and all of them older than the others.
  for (let n = 1; n <= 20; n += 1) {
    await enqueue(sql, call, `full ${n}`, { concurrencyKey: "full" });
  }
  await enqueue(sql, call, "free 1", { concurrencyKey: "free" });
  await enqueue(sql, call, "without a key");

  const round = new Worker(sql, { tasks: [call], slots: 4 }).tick();
  await gate.arrived(3);
  gate.open();
  await round;

  expect(ran.toSorted()).toEqual(["free 1", "full 1", "without a key"]);
});

describe("a key's tasks are claimed oldest first", () => {
  test("with a limit of 1", async () => {
    const { sql } = await freshDatabase();
    const events: string[] = [];
    const call = task({
      name: "call",
      run: async (n: number) => {
        events.push(`starts ${n}`);
        await sql`select 1`;
        events.push(`ends ${n}`);
      },
    });
    await limitTo(sql, "one by one", 1);
    for (let n = 1; n <= 4; n += 1) await enqueue(sql, call, n, { concurrencyKey: "one by one" });
    // An update moves the oldest row to the end of the table.
    await sql`update tasks set name = name where id = 1`;

    const workers = [new Worker(sql, { tasks: [call] }), new Worker(sql, { tasks: [call] })];
    while ((await Promise.all(workers.map((worker) => worker.tick()))).some((ran) => ran > 0));

    expect(events).toEqual([1, 2, 3, 4].flatMap((n) => [`starts ${n}`, `ends ${n}`]));
  });

  test("with a limit of 3", async () => {
    const { sql } = await freshDatabase();
    const started: number[] = [];
    const call = task({ name: "call", run: (n: number) => void started.push(n) });
    await limitTo(sql, "three", 3);
    for (let n = 1; n <= 5; n += 1) await enqueue(sql, call, n, { concurrencyKey: "three" });
    await sql`update tasks set name = name where id = 1`;

    await new Worker(sql, { tasks: [call] }).tick();
    expect(started).toEqual([1, 2, 3]);
  });
});

test("a task whose key has no limit is refused, and the caller's transaction can go on", async () => {
  const { sql } = await freshDatabase();
  const call = task({ name: "call", run: (_: string) => {} });
  const refusals: unknown[] = [];
  await transaction(sql, async (tx) => {
    await enqueue(tx, call, "before");
    await enqueue(tx, call, "refused", { concurrencyKey: "stripe" }).catch((error) =>
      refusals.push(error.message),
    );
    await enqueue(tx, call, "after");
  });

  expect(refusals).toEqual([
    'Concurrency key "stripe" has no limit; set one first: setConcurrencyLimit(sql, "stripe", 10)',
  ]);
  expect(await sql`select input from tasks order by id`).toEqual([
    { input: "before" },
    { input: "after" },
  ]);
});
