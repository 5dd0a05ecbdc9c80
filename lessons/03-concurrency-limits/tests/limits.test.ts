import { transaction } from "shared/database";
import { freshDatabase, Gate } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, setConcurrencyLimit, task, Worker } from "#engine";

const any = task({ name: "any", run: () => {} });

test("a limit of 0 pauses a key, and a higher limit resumes it", async () => {
  const { sql } = await freshDatabase();
  const worker = new Worker(sql, { tasks: [any] });
  await setConcurrencyLimit(sql, "paused", 0);
  await enqueue(sql, any, null, { concurrencyKey: "paused" });
  expect(await worker.tick()).toBe(0);

  await setConcurrencyLimit(sql, "paused", 1);
  expect(await worker.tick()).toBe(1);
});

test("a limit below the number of running tasks starts nothing, and ends nothing", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const wait = task({ name: "wait", run: () => gate.pass() });
  await setConcurrencyLimit(sql, "api", 3);
  for (let n = 0; n < 4; n += 1) await enqueue(sql, wait, n, { concurrencyKey: "api" });
  const round = new Worker(sql, { tasks: [wait] }).tick();
  await gate.arrived(3);

  await setConcurrencyLimit(sql, "api", 1);
  expect(await new Worker(sql, { tasks: [wait] }).tick()).toBe(0);
  gate.open();
  expect(await round).toBe(3);
});

test("tasks with and without a key take turns at a free slot, regardless of their age", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const call = task({ name: "call", run: (who: string) => void ran.push(who) });
  await setConcurrencyLimit(sql, "api", 5);
  for (let n = 1; n <= 3; n += 1) await enqueue(sql, call, "with", { concurrencyKey: "api" });
  for (let n = 1; n <= 3; n += 1) await enqueue(sql, call, "without");

  const worker = new Worker(sql, { tasks: [call], slots: 1 });
  while ((await worker.tick()) > 0);
  expect(ran.slice(0, 2).toSorted()).toEqual(["with", "without"]);
  expect(ran.slice(2, 4).toSorted()).toEqual(["with", "without"]);
});

test("a round without a free slot does not change whose turn it is", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const ran: string[] = [];
  const call = task({
    name: "call",
    run: async (which: string) => {
      ran.push(which);
      await gate.pass();
    },
  });
  await setConcurrencyLimit(sql, "api", 5);
  for (let n = 1; n <= 2; n += 1) {
    await enqueue(sql, call, "with", { concurrencyKey: "api" });
    await enqueue(sql, call, "without");
  }
  const worker = new Worker(sql, { tasks: [call], slots: 1 });
  const first = worker.tick();
  await gate.arrived(1);
  expect(await worker.tick()).toBe(0);
  gate.open();
  await first;
  await worker.tick();
  expect(ran.toSorted()).toEqual(["with", "without"]);
});

test("the key whose first task is the oldest comes first", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const call = task({ name: "call", run: (key: string) => void ran.push(key) });
  for (const key of ["c", "a", "b", "a"]) {
    await setConcurrencyLimit(sql, key, 1);
    await enqueue(sql, call, key, { concurrencyKey: key });
  }

  const worker = new Worker(sql, { tasks: [call], slots: 1 });
  while ((await worker.tick()) > 0);
  expect(ran).toEqual(["c", "a", "b", "a"]);
});

test("a key that another claim has locked is tried again soon", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const wait = task({ name: "wait", run: () => gate.pass() });
  await setConcurrencyLimit(sql, "api", 1);
  for (let n = 0; n < 2; n += 1) await enqueue(sql, wait, n, { concurrencyKey: "api" });
  // Its next regular poll would be in an hour.
  const worker = new Worker(sql, { tasks: [wait], pollIntervalMs: 3_600_000, log: () => {} });
  worker.start();
  onTestFinished(() => worker.stop());
  await gate.arrived(1);

  const another = await sql.reserve();
  await another`begin`;
  await another`select from concurrency_limits for no key update`;
  gate.open();
  await expect.poll(() => sql`select from tasks where status = 'succeeded'`).toHaveLength(1);
  await another`commit`;
  another.release();

  await expect.poll(() => sql`select from tasks where status = 'succeeded'`).toHaveLength(2);
});

test("a running worker notices the first limit by itself", async () => {
  const { sql } = await freshDatabase();
  const worker = new Worker(sql, { tasks: [any], pollIntervalMs: 5, log: () => {} });
  const first = await enqueue(sql, any, null);
  worker.start();
  onTestFinished(() => worker.stop());
  const statusOf = (id: string) => async () =>
    (await sql`select status from tasks where id = ${id}`)[0]?.status;
  await expect.poll(statusOf(first)).toBe("succeeded");

  await setConcurrencyLimit(sql, "new", 1);
  const limited = await enqueue(sql, any, null, { concurrencyKey: "new" });
  await expect.poll(statusOf(limited)).toBe("succeeded");
});

test("a key whose limit is locked does not keep a claim from other keys, however old its tasks are", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const call = task({ name: "call", run: (key: string) => void ran.push(key) });
  for (const key of ["locked", "free"]) {
    await setConcurrencyLimit(sql, key, 1);
    await enqueue(sql, call, key, { concurrencyKey: key });
  }
  await transaction(sql, async (tx) => {
    await setConcurrencyLimit(tx, "locked", 2);
    await new Worker(sql, { tasks: [call], slots: 1, log: () => {} }).tick();
  });
  expect(ran).toEqual(["free"]);
});

test.each([-1, 1.5, Number.NaN, 1_000_001])("a limit of %d is refused", async (limit) => {
  const { sql } = await freshDatabase();
  await expect(setConcurrencyLimit(sql, "api", limit)).rejects.toThrow(/^limit is .*whole number/);
});

test.each([
  ["a NUL", "a\0b"],
  ["a lone surrogate", "\ud83d"],
  ["851 bytes", "x".repeat(851)],
  ["no characters", ""],
])("a key of %s is refused", async (_, key) => {
  const { sql } = await freshDatabase();
  const message = /^concurrencyKey (contains|is 851 bytes|must be)/;
  await expect(setConcurrencyLimit(sql, key, 1)).rejects.toThrow(message);
  await expect(enqueue(sql, any, null, { concurrencyKey: key })).rejects.toThrow(message);
});

test.each([0, -1, 1.5, 1_001, Number.NaN])("%d slots are refused", async (slots) => {
  const { sql } = await freshDatabase();
  expect(() => new Worker(sql, { tasks: [], slots })).toThrow(/slots is .*1 to 1000/);
});
