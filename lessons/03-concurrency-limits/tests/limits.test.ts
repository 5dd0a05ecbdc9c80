import { transaction } from "shared/database";
import { freshDatabase, Gate } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, setConcurrencyLimit, task, Worker } from "#engine";

const any = task({ name: "any", run: () => {} });

test("a limit of 0 stops a key, and a higher one lets it go on", async () => {
  const { sql } = await freshDatabase();
  const worker = new Worker(sql, { tasks: [any] });
  await setConcurrencyLimit(sql, "paused", 0);
  await enqueue(sql, any, null, { concurrencyKey: "paused" });
  expect(await worker.tick()).toBe(0);

  await setConcurrencyLimit(sql, "paused", 1);
  expect(await worker.tick()).toBe(1);
});

test("a limit below what runs lets nothing in, and ends nothing", async () => {
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

test("where a limited task and one without a key compete for a slot, the older one gets it", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const call = task({ name: "call", run: (who: string) => void ran.push(who) });
  await setConcurrencyLimit(sql, "api", 5);
  await enqueue(sql, call, "first", { concurrencyKey: "api" });
  await enqueue(sql, call, "second");
  await enqueue(sql, call, "third", { concurrencyKey: "api" });

  const worker = new Worker(sql, { tasks: [call], slots: 1 });
  while ((await worker.tick()) > 0);
  expect(ran).toEqual(["first", "second", "third"]);
});

test("a key that was left to another claim is looked at again soon", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const wait = task({ name: "wait", run: () => gate.pass() });
  await setConcurrencyLimit(sql, "api", 1);
  for (let n = 0; n < 2; n += 1) await enqueue(sql, wait, n, { concurrencyKey: "api" });
  // It would poll again after an hour.
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

test("a key that somebody holds does not keep a claim from another key, however old its tasks", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const call = task({ name: "call", run: (key: string) => void ran.push(key) });
  for (const key of ["held", "free"]) {
    await setConcurrencyLimit(sql, key, 1);
    await enqueue(sql, call, key, { concurrencyKey: key });
  }
  await transaction(sql, async (tx) => {
    await setConcurrencyLimit(tx, "held", 2);
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
  ["1,001 bytes", "x".repeat(1_001)],
  ["nothing", ""],
])("a key of %s is refused", async (_, key) => {
  const { sql } = await freshDatabase();
  const message = /^concurrencyKey (contains|is 1001 bytes|must be)/;
  await expect(setConcurrencyLimit(sql, key, 1)).rejects.toThrow(message);
  await expect(enqueue(sql, any, null, { concurrencyKey: key })).rejects.toThrow(message);
});

test.each([0, -1, 1.5, 1_001, Number.NaN])("%d slots are refused", async (slots) => {
  const { sql } = await freshDatabase();
  expect(() => new Worker(sql, { tasks: [], slots })).toThrow(/slots is .*1 to 1000/);
});
