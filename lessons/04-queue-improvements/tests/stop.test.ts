import { connect } from "shared/database";
import { freshDatabase, Gate, recordStatements, stoppingAt } from "shared/testing";
import { startTcpProxy } from "shared/testing/tcp-proxy";
import { expect, onTestFinished, test } from "vitest";
import {
  enqueue,
  NonRetryableError,
  result,
  runUntilSignal,
  setConcurrencyLimit,
  task,
  Worker,
  WorkerStoppedError,
} from "#engine";

const silent = { log: () => {}, pollIntervalMs: 5, heartbeatIntervalMs: 10 };

test("a stopping worker goes on sending heartbeats while it waits for its tasks", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const wait = task({ name: "wait", run: () => gate.pass() });
  const id = await enqueue(sql, wait, null);
  const worker = new Worker(sql, { tasks: [wait], ...silent });
  worker.start();
  await gate.arrived(1);
  const stopped = worker.stop();
  const [before] = await sql`select lease_expires_at from workers`;
  await expect
    .poll(async () => (await sql`select lease_expires_at from workers`)[0])
    .not.toEqual(before);
  gate.open();
  await stopped;

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: null });
  expect(await sql`select from workers`).toHaveLength(0);
});

test("at its deadline, a worker hands back handlers that obey their signal and handlers that ignore it", async () => {
  const { sql } = await freshDatabase();
  const running = new Gate();
  running.open();
  const listens = task({
    name: "listens",
    run: async (_: null, { signal }) => {
      await running.pass();
      await new Promise<void>((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    },
  });
  const ignores = task({
    name: "ignores",
    run: async () => {
      await running.pass();
      await new Promise<void>(() => {});
    },
  });
  const ids = [await enqueue(sql, listens, null), await enqueue(sql, ignores, null)];
  const worker = new Worker(sql, { tasks: [listens, ignores], graceMs: 0, ...silent });
  worker.start();
  await running.arrived(2);
  await worker.stop({ deadlineMs: 0 });

  const rows = await sql`select id, status, attempt, errors from tasks order by id`;
  const handedBack = { status: "queued", attempt: 1, errors: null };
  expect(rows).toEqual(ids.map((id) => ({ id, ...handedBack })));
});

test("the output of a handler that ends in the grace period of a stopping worker is kept", async () => {
  const { sql } = await freshDatabase();
  const running = new Gate();
  running.open();
  const tidy = task({
    name: "tidy",
    run: async (_: null, { signal }) => {
      await running.pass();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return "tidied up";
    },
  });
  const id = await enqueue(sql, tidy, null);
  const worker = new Worker(sql, { tasks: [tidy], ...silent });
  worker.start();
  await running.arrived(1);
  await worker.stop({ deadlineMs: 0 });
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: "tidied up" });
});

test("stop can be called again, with a shorter deadline", async () => {
  const { sql } = await freshDatabase();
  const running = new Gate();
  running.open();
  const ignores = task({
    name: "ignores",
    run: async () => {
      await running.pass();
      await new Promise<void>(() => {});
    },
  });
  const id = await enqueue(sql, ignores, null);
  const worker = new Worker(sql, { tasks: [ignores], graceMs: 0, ...silent });
  worker.start();
  await running.arrived(1);
  const patient = worker.stop({ deadlineMs: 3_600_000 });
  await worker.stop({ deadlineMs: 0 });
  await patient;
  expect(await result(sql, id)).toEqual({ status: "queued" });
});

test("a non-retryable error in the grace period of a stopping worker fails the task", async () => {
  const { sql } = await freshDatabase();
  const running = new Gate();
  running.open();
  const strict = task({
    name: "strict",
    run: async (_: null, { signal }) => {
      await running.pass();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw new NonRetryableError("the card has expired");
    },
  });
  const id = await enqueue(sql, strict, null);
  const worker = new Worker(sql, { tasks: [strict], ...silent });
  worker.start();
  await running.arrived(1);
  await worker.stop({ deadlineMs: 0 });
  expect(await result(sql, id)).toMatchObject({ error: { message: "the card has expired" } });
});

test("tasks whose claim is answered after the deadline are handed back", async () => {
  const { sql } = await freshDatabase();
  const answer = new Gate();
  const slow = stoppingAt(sql, { query: "claimTasks", when: "after" }, () => answer.pass());
  const ignores = task({ name: "ignores", run: () => new Promise<void>(() => {}) });
  const id = await enqueue(sql, ignores, null);
  const worker = new Worker(slow, { tasks: [ignores], graceMs: 0, ...silent });
  worker.start();
  await answer.arrived(1);
  const stopped = worker.stop({ deadlineMs: 0 });
  // This timer is set after that of the deadline, so it fires later.
  await new Promise((resolve) => setTimeout(resolve, 1));
  answer.open();
  await stopped;
  expect(await result(sql, id)).toEqual({ status: "queued" });
});

test("a worker that gets no reply can be stopped", async () => {
  const { sql, url, schema } = await freshDatabase();
  const proxy = await startTcpProxy(url);
  const own = connect(proxy.url, { schema, applicationName: "test" });
  onTestFinished(async () => {
    await own.end({ timeout: 0 });
    proxy.close();
  });
  const running = new Gate();
  running.open();
  let reason: unknown;
  const wait = task({
    name: "wait",
    run: async (_: null, { signal }) => {
      await running.pass();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      reason = signal.reason;
    },
  });
  await enqueue(sql, wait, null);
  const worker = new Worker(own, { tasks: [wait], graceMs: 0, ...silent });
  worker.start();
  await running.arrived(1);
  proxy.stall();

  await expect(worker.stop({ deadlineMs: 0 })).resolves.toBeUndefined();
  expect(reason).toBeInstanceOf(WorkerStoppedError);
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])(
  "a deadline of %d ms is refused",
  async (deadlineMs) => {
    const { sql } = await freshDatabase();
    await expect(new Worker(sql, { tasks: [] }).stop({ deadlineMs })).rejects.toThrow(
      /^deadlineMs/,
    );
  },
);

test("a worker that has stopped does not register again", async () => {
  const { sql } = await freshDatabase();
  const worker = new Worker(sql, { tasks: [], ...silent });
  await worker.tick();
  await worker.stop();
  expect(await worker.tick()).toBe(0);
  expect(await sql`select from workers`).toHaveLength(0);
});

test.each([
  [{ heartbeatIntervalMs: 0 }, /heartbeatIntervalMs is 0/],
  [{ leaseMs: 5_999 }, /leaseMs is 5999; it must be a whole number from 6000/],
  [{ graceMs: -1 }, /graceMs is -1/],
])("a worker with the options %j is refused", async (options, message) => {
  const { sql } = await freshDatabase();
  expect(() => new Worker(sql, { tasks: [], ...options })).toThrow(message);
});

test("runUntilSignal refuses a bad deadline before it starts the worker", async () => {
  const { sql } = await freshDatabase();
  const worker = new Worker(sql, { tasks: [], ...silent });
  await expect(runUntilSignal(worker, { deadlineMs: 7_200_000 })).rejects.toThrow(/^deadlineMs/);
});

test("a worker that is stopped between two claims does not send the second", async () => {
  const { sql } = await freshDatabase();
  await setConcurrencyLimit(sql, "api", 1);
  const recorded = recordStatements(sql);
  const first = new Gate();
  const stopping = stoppingAt(recorded.sql, { query: "claimTasks", when: "after" }, () =>
    first.pass(),
  );
  const worker = new Worker(stopping, { tasks: [], ...silent });
  worker.start();
  await first.arrived(1);
  recorded.takeNames();
  const stopped = worker.stop();
  first.open();
  await stopped;
  expect(recorded.takeNames()).toEqual(["deleteWorker"]);
});
