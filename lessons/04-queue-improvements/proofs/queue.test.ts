import { backendPid, connect, transaction, untilWaiting } from "shared/database";
import { freshDatabase, moveTime, row } from "shared/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

const silent = { log: () => {} };

test("due tasks of a higher priority are claimed first, and the oldest of each priority", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const work = task({ name: "work", run: (who: string) => void ran.push(who) });
  for (const priority of ["low", "normal", "high"] as const) {
    await enqueue(sql, work, `${priority} 1`, { priority });
    await enqueue(sql, work, `${priority} 2`, { priority });
  }
  const worker = new Worker(sql, { tasks: [work], slots: 1, ...silent });
  for (let n = 1; n <= 3; n += 1) await worker.tick();
  // The next claim takes more than one priority has left.
  await new Worker(sql, { tasks: [work], slots: 2, ...silent }).tick();
  await worker.tick();

  expect(ran.slice(0, 3)).toEqual(["high 1", "high 2", "normal 1"]);
  expect(ran.slice(3, 5).toSorted()).toEqual(["low 1", "normal 2"]);
  expect(ran.slice(5)).toEqual(["low 2"]);
});

test("a task does not start before it is due by the database's clock", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const work = task({ name: "work", run: (who: string) => void ran.push(who) });
  await enqueue(sql, work, "after a minute", { delayMs: 60_000 });
  await enqueue(sql, work, "at a time", { runAt: new Date(Date.now() + 3_600_000) });
  await enqueue(sql, work, "at once");
  const worker = new Worker(sql, { tasks: [work], ...silent });

  await worker.tick();
  await moveTime(sql, { seconds: 60 });
  await worker.tick();
  await moveTime(sql, { seconds: 3_600 });
  await worker.tick();

  expect(ran).toEqual(["at once", "after a minute", "at a time"]);
});

describe("two enqueues with the same idempotency key add one task", () => {
  const pay = task({ name: "pay", run: (_: number) => {} });

  test("fifty concurrent enqueues get the same task", async () => {
    const { sql, url, schema } = await freshDatabase();
    const many = connect(url, { max: 25, schema, applicationName: "test" });
    onTestFinished(() => many.end());
    const calls = Array.from({ length: 50 }, (_, n) =>
      enqueue(many, pay, n, { idempotencyKey: "order 7" }),
    );
    const ids = await Promise.all(calls);

    expect(new Set(ids).size).toBe(1);
    expect(await sql`select from tasks`).toHaveLength(1);
  });

  test.each([
    ["commits", "returns the first task"],
    ["rolls back", "adds its own"],
  ])("the second waits for the first transaction; when that %s, the second %s", async (end) => {
    const { sql, url, schema } = await freshDatabase();
    const second = connect(url, { max: 1, schema, applicationName: "test" });
    onTestFinished(() => second.end());
    const pid = await backendPid(second);
    const key = { idempotencyKey: "order 7" };
    let firstId = "";
    let secondId: Promise<string> | undefined;
    let waits: boolean | undefined;
    const first = transaction(sql, async (tx) => {
      firstId = await enqueue(tx, pay, 1, key);
      secondId = enqueue(second, pay, 2, key);
      waits = await Promise.race([
        untilWaiting(sql, pid).then(() => true),
        secondId.then(() => false),
      ]);
      if (end === "rolls back") throw new Error("the order is refused");
    });
    await first.catch(() => {});

    const id = await secondId;
    expect(waits).toBe(true);
    expect(id === firstId).toBe(end === "commits");
    const input = end === "commits" ? 1 : 2;
    expect(await sql`select id, input from tasks`).toEqual([{ id, input }]);
  });

  test("the same key with another name gives another task", async () => {
    const { sql } = await freshDatabase();
    const ship = task({ name: "ship", run: (_: number) => {} });
    const key = { idempotencyKey: "order 7" };
    const paid = await enqueue(sql, pay, 7, key);
    const shipped = await enqueue(sql, ship, 7, key);

    expect(shipped).not.toBe(paid);
    expect([await enqueue(sql, pay, 8, key), await enqueue(sql, ship, 8, key)]).toEqual([
      paid,
      shipped,
    ]);
  });
});

test("a task whose name a worker does not know is left to a worker that knows it", async () => {
  const { sql } = await freshDatabase();
  const known = task({ name: "known", run: () => "ran" });
  const foreign = task({ name: "foreign", run: () => "ran" });
  const id = await enqueue(sql, foreign, null);
  await enqueue(sql, known, null);

  await new Worker(sql, { tasks: [known], ...silent }).tick();
  expect(await row(sql, id)).toMatchObject({ status: "queued" });
  await new Worker(sql, { tasks: [foreign], ...silent }).tick();
  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: "ran" });
});

test("a worker claims tasks of its own queue only", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const work = task({ name: "work", run: (which: string) => void ran.push(which) });
  await enqueue(sql, work, "in another queue", { queue: "reports" });
  await enqueue(sql, work, "in the default queue");

  await new Worker(sql, { tasks: [work], ...silent }).tick();
  expect(ran).toEqual(["in the default queue"]);
  await new Worker(sql, { tasks: [work], queue: "reports", ...silent }).tick();
  expect(ran).toEqual(["in the default queue", "in another queue"]);
});
