import { untilWaiting } from "shared/database";
import { freshDatabase, Gate, slowToRead } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, setConcurrencyLimit, task, Worker } from "#engine";

test("a claim that looked before another one committed counts again under the lock", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const gate = new Gate();
  const call = task({ name: "call", run: () => gate.pass() });
  await setConcurrencyLimit(sql, "api", 1);
  for (let n = 0; n < 2; n += 1) await enqueue(sql, call, n, { concurrencyKey: "api" });

  const slow = await slowToRead(database, "concurrency_limits");
  const late = new Worker(slow.sql, { tasks: [call] }).tick();
  // It has taken its snapshot, and has not locked the key yet.
  await untilWaiting(sql, slow.pid);
  const first = new Worker(sql, { tasks: [call] }).tick();
  await gate.arrived(1);
  await slow.goOn();
  await Promise.race([late, gate.arrived(2)]);
  gate.open();

  expect([await first, await late]).toEqual([1, 0]);
});

test("a lower limit that is set while a claim is under way holds for it", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const call = task({ name: "call", run: () => {} });
  await setConcurrencyLimit(sql, "api", 3);
  for (let n = 0; n < 3; n += 1) await enqueue(sql, call, n, { concurrencyKey: "api" });

  const slow = await slowToRead(database, "concurrency_limits");
  const late = new Worker(slow.sql, { tasks: [call] }).tick();
  await untilWaiting(sql, slow.pid);
  await setConcurrencyLimit(sql, "api", 1);
  await slow.goOn();

  expect(await late).toBe(1);
});
