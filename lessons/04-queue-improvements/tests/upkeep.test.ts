import { connect, transaction } from "shared/database";
import {
  freshDatabase,
  Gate,
  losingReplies,
  polledRow,
  postgresError,
  recordStatements,
  refusing,
  row,
  stallAt,
  stoppingAt,
} from "shared/testing";
import { startTcpProxy } from "shared/testing/tcp-proxy";
import { expect, onTestFinished, test } from "vitest";
import { cancel, enqueue, task, Worker } from "#engine";

test("after a claim that failed, the next round begins with a heartbeat", async () => {
  const { sql } = await freshDatabase();
  const ran = new Gate();
  ran.open();
  const greet = task({ name: "greet", run: () => ran.pass() });
  await enqueue(sql, greet, null);
  const recorded = recordStatements(sql);
  const failing = refusing(recorded.sql, "claimTasks", 1, postgresError("57014", "cancelled"));
  const times = { heartbeatIntervalMs: 60_000, leaseMs: 120_000 };
  const worker = new Worker(failing, { tasks: [greet], log: () => {}, ...times });
  onTestFinished(() => worker.stop());

  await expect(worker.tick()).rejects.toThrow("cancelled");
  expect(recorded.takeNames()).toEqual(["insertWorker", "heartbeat", "reclaimTasks"]);
  worker.start();
  await ran.arrived(1);
  expect(recorded.takeNames().slice(0, 3)).toEqual(["heartbeat", "reclaimTasks", "claimTasks"]);
});

test("a locked row does not keep a worker from its upkeep", async () => {
  const { sql } = await freshDatabase();
  const greet = task({ name: "greet", run: () => "hello" });
  const id = await enqueue(sql, greet, null);
  const worker = new Worker(losingReplies(sql, "claimTasks", 1), { tasks: [greet], log: () => {} });
  await expect(worker.tick()).rejects.toThrow("CONNECTION_CLOSED");

  // The table says that the worker is running the task; the worker would give it back.
  await transaction(sql, async (tx) => {
    await tx`select from tasks where id = ${id} for update`;
    expect(await worker.tick()).toBe(0);
  });
  expect(await row(sql, id)).toMatchObject({ status: "running" });
  expect(await worker.tick()).toBe(1);
  expect(await row(sql, id)).toMatchObject({ status: "succeeded", attempt: 1 });
});

test("a worker whose heartbeat gets no reply goes on with another connection", async () => {
  const { sql, url, schema } = await freshDatabase();
  const proxy = await startTcpProxy(url);
  const own = connect(proxy.url, { schema, applicationName: "test" });
  onTestFinished(async () => {
    await own.end({ timeout: 0 });
    proxy.close();
  });
  const greet = task({ name: "greet", run: () => "hello" });
  const stalled = stallAt(proxy, "heartbeat");
  const options = { heartbeatIntervalMs: 50, leaseMs: 1_000, pollIntervalMs: 20, log: () => {} };
  const worker = new Worker(own, { tasks: [greet], ...options });
  worker.start();
  onTestFinished(() => worker.stop());
  await stalled;

  const id = await enqueue(sql, greet, null);
  await expect.poll(polledRow(sql, id)).toMatchObject({ status: "succeeded" });
});

test("after a failed heartbeat the next one comes in time, however long the worker waits between polls", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const wait = task({ name: "wait", run: () => gate.pass() });
  await enqueue(sql, wait, null);
  const failing = refusing(sql, "reclaimTasks", 1, postgresError("57014", "cancelled"));
  const recorded = recordStatements(failing);
  const times = { pollIntervalMs: 3_600_000, heartbeatIntervalMs: 20, leaseMs: 10_000 };
  const worker = new Worker(recorded.sql, { tasks: [wait], log: () => {}, ...times });
  worker.start();
  onTestFinished(() => {
    gate.open();
    return worker.stop();
  });
  await expect.poll(() => recorded.of("heartbeat").length).toBeGreaterThan(3);
});

test("an outcome whose row is locked keeps no connection from the heartbeats", async () => {
  const { sql, url, schema } = await freshDatabase();
  const own = connect(url, { schema, max: 1, applicationName: "test" });
  onTestFinished(() => own.end({ timeout: 0 }));
  const gate = new Gate();
  const wait = task({ name: "wait", run: () => gate.pass() });
  const id = await enqueue(sql, wait, null);
  const worker = new Worker(own, { tasks: [wait], heartbeatIntervalMs: 20, log: () => {} });
  worker.start();
  await gate.arrived(1);
  const lease = async () => (await sql`select lease_expires_at from workers`)[0]?.leaseExpiresAt;

  await transaction(sql, async (tx) => {
    await cancel(tx, id);
    gate.open();
    for (let beat = 1; beat <= 5; beat += 1) {
      const before = await lease();
      await expect.poll(lease).not.toEqual(before);
    }
  });
  await expect.poll(polledRow(sql, id)).toMatchObject({ status: "cancelled" });
  await worker.stop();
});

test("a claim whose reply is lost while the worker stops gives its tasks back", async () => {
  const { sql } = await freshDatabase();
  const once = task({ name: "once", retry: { maxAttempts: 1 }, run: () => "ran" });
  const id = await enqueue(sql, once, null);
  const claimed = new Gate();
  const losing = stoppingAt(sql, { query: "claimTasks", when: "after" }, async () => {
    await claimed.pass();
    return "unanswered";
  });
  const worker = new Worker(losing, { tasks: [once], log: () => {} });
  worker.start();
  await claimed.arrived(1);
  const stopped = worker.stop();
  claimed.open();
  await stopped;

  expect(await row(sql, id)).toMatchObject({ status: "queued", attempt: 1 });
  expect(await sql`select from workers`).toHaveLength(0);
});

test("a requeue that arrives late does not take back a task that has been claimed again", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const wait = task({ name: "wait", run: () => gate.pass() });
  const id = await enqueue(sql, wait, null);
  const late = new Gate();
  const stalling = stoppingAt(
    losingReplies(sql, "claimTasks", 1),
    { query: "requeueTasks", when: "before" },
    () => late.pass(),
  );
  // A reply that takes a second counts as lost.
  const options = { tasks: [wait], leaseMs: 4_000, heartbeatIntervalMs: 1_000, log: () => {} };
  const worker = new Worker(stalling, options);
  await expect(worker.tick()).rejects.toThrow("CONNECTION_CLOSED");
  await expect(worker.tick()).rejects.toThrow("has not replied");
  const round = worker.tick();
  await gate.arrived(1);
  late.open();
  await sql`select from tasks where id = ${id} for update`;

  expect(await row(sql, id)).toMatchObject({ status: "running", fence: 2 });
  gate.open();
  await round;
});
