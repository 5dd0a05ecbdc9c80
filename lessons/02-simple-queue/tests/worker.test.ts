import { connect } from "shared/database";
import { freshDatabase, Gate } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, result, task, Worker } from "#engine";

test("a started worker finds tasks by itself; stop lets the running ones end", async () => {
  const { sql } = await freshDatabase();
  const running = new Gate();
  const wait = task({ name: "wait", run: () => running.pass() });
  const worker = new Worker(sql, { tasks: [wait], pollIntervalMs: 5 });
  worker.start();

  const first = await enqueue(sql, wait, null);
  await running.arrived(1);
  const stopped = worker.stop();
  const later = await enqueue(sql, wait, null);
  running.open();
  await stopped;

  expect(await result(sql, first)).toEqual({ status: "succeeded", output: null });
  expect(await result(sql, later)).toEqual({ status: "queued" });
});

test("a worker that never started stops at once", async () => {
  const { sql } = await freshDatabase();
  await expect(new Worker(sql, { tasks: [] }).stop()).resolves.toBeUndefined();
});

test("a started worker goes on after it lost its connections", async () => {
  const { sql, url, schema } = await freshDatabase();
  const own = connect(url, { schema, applicationName: schema });
  onTestFinished(() => own.end({ timeout: 0 }));
  const ran = new Gate();
  const wait = task({ name: "wait", run: () => ran.pass() });
  ran.open();
  const worker = new Worker(own, { tasks: [wait], pollIntervalMs: 5 });
  worker.start();
  onTestFinished(() => worker.stop());

  await enqueue(sql, wait, null);
  await ran.arrived(1);
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${schema}`;
  await enqueue(sql, wait, null);
  await ran.arrived(2);
});

test("a claim takes no more than the batch size, oldest first", async () => {
  const { sql } = await freshDatabase();
  const ran: number[] = [];
  const count = task({ name: "count", run: (n: number) => void ran.push(n) });
  for (let n = 1; n <= 5; n += 1) await enqueue(sql, count, n);

  const worker = new Worker(sql, { tasks: [count], batchSize: 2 });
  expect(await worker.tick()).toBe(2);
  expect(ran.toSorted()).toEqual([1, 2]);
  expect(await worker.tick()).toBe(2);
  expect(await worker.tick()).toBe(1);
  expect(await worker.tick()).toBe(0);
});
