import { backendPid, connect, type Sql, transaction, untilWaiting } from "shared/database";
import { freshDatabase, Gate, moveTime, polledRow, recordStatements, row } from "shared/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import * as engine from "#engine";
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
  while ((await worker.tick()) > 0);

  expect(ran).toEqual(["high 1", "high 2", "normal 1", "normal 2", "low 1", "low 2"]);
});

test("a task does not run before it is due, by the database's clock", async () => {
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

describe("enqueueing a key twice gives one task", () => {
  const pay = task({ name: "pay", run: (_: number) => {} });

  test("fifty at once get the same task", async () => {
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
  ])(
    "while the first is not committed the second waits; when it %s, the second %s",
    async (end) => {
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
    },
  );

  test("the same key with another name is another task", async () => {
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

test("ten thousand tasks are added with one statement, in order", async () => {
  const { sql } = await freshDatabase();
  const recorded = recordStatements(sql);
  const count = task({ name: "count", run: (_: number) => {} });
  const numbers = Array.from({ length: 10_000 }, (_, n) => n);
  const ids = await addAll(recorded.sql, count, numbers);

  expect(recorded.statements).toHaveLength(1);
  const rows = await sql`select id, input from tasks order by id`;
  expect(rows.map(({ id }) => id)).toEqual(ids);
  expect(rows.map(({ input }) => input)).toEqual(numbers);
});

/** All of them in one go, or, on an engine that cannot, one after the other. */
async function addAll(
  sql: Sql,
  definition: engine.TaskDefinition<number, void>,
  inputs: number[],
): Promise<string[]> {
  const tasks = inputs.map((input) => ({ input }));
  if (engine.enqueueMany) return engine.enqueueMany(sql, definition, tasks);
  const ids: string[] = [];
  for (const { input } of tasks) ids.push(await enqueue(sql, definition, input));
  return ids;
}

test("a queued task is cancelled at once, and never runs", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const work = task({ name: "work", run: (who: string) => void ran.push(who) });
  const id = await enqueue(sql, work, "cancelled");
  await enqueue(sql, work, "wanted");

  await engine.cancel?.(sql, id);
  const cancelled = await row(sql, id);
  await new Worker(sql, { tasks: [work], ...silent }).tick();

  expect(cancelled).toMatchObject({ status: "cancelled" });
  expect(ran).toEqual(["wanted"]);
});

test("a running task that is cancelled is told by its signal, and ends cancelled", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const told: unknown[] = [];
  const work = task({
    name: "work",
    run: async (_: null, context?: { signal: AbortSignal }) => {
      await gate.pass();
      await new Promise<void>((resolve) => {
        if (!context) return resolve();
        context.signal.addEventListener("abort", () => resolve());
      });
      told.push(context?.signal.reason.name);
      return "what it returns does not matter any more";
    },
  });
  const id = await enqueue(sql, work, null);
  const worker = new Worker(sql, { tasks: [work], heartbeatIntervalMs: 20, ...silent });
  worker.start();
  onTestFinished(() => worker.stop());
  await gate.arrived(1);
  gate.open();
  await engine.cancel?.(sql, id);

  await expect.poll(polledRow(sql, id)).toMatchObject({ status: "cancelled" });
  expect(told).toEqual(["CancelledError"]);
});

test("a task whose name a worker does not know is left for one that does", async () => {
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

test("a long queue of one name does not hold up another", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const bulk = task({ name: "bulk", run: () => void ran.push("bulk") });
  const single = task({ name: "single", run: () => void ran.push("single") });
  for (let n = 0; n < 20; n += 1) await enqueue(sql, bulk, null);
  await enqueue(sql, single, null);

  const worker = new Worker(sql, { tasks: [bulk, single], slots: 1, ...silent });
  for (let n = 0; n < 2; n += 1) await worker.tick();
  expect(ran.toSorted()).toEqual(["bulk", "single"]);
});
