import { connect } from "shared/database";
import { freshDatabase, Gate, moveTime, stoppingAt } from "shared/testing";
import { startTcpProxy } from "shared/testing/tcp-proxy";
import { expect, onTestFinished, test } from "vitest";
import { ClaimLostError, enqueue, NonRetryableError, result, task, Worker } from "#engine";

const silent = { log: () => {}, pollIntervalMs: 5, heartbeatIntervalMs: 10 };

test("a worker that waits for its tasks to end goes on showing that it is alive", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const wait = task({ name: "wait", run: () => gate.pass() });
  const id = await enqueue(sql, wait, null);
  const worker = new Worker(sql, { tasks: [wait], ...silent });
  worker.start();
  await gate.arrived(1);
  const stopped = worker.stop();
  const [before] = await sql`select lease_ends_at from workers`;
  await expect
    .poll(async () => (await sql`select lease_ends_at from workers`)[0])
    .not.toEqual(before);
  gate.open();
  await stopped;

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: null });
  expect(await sql`select from workers`).toHaveLength(0);
});

test("at its deadline a worker hands back what listens to its signal, and what does not", async () => {
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
  const deaf = task({
    name: "deaf",
    run: async () => {
      await running.pass();
      await new Promise<void>(() => {});
    },
  });
  const ids = [await enqueue(sql, listens, null), await enqueue(sql, deaf, null)];
  const worker = new Worker(sql, { tasks: [listens, deaf], graceMs: 0, ...silent });
  worker.start();
  await running.arrived(2);
  await worker.stop({ deadlineMs: 0 });

  const rows = await sql`select id, status, attempt, errors from tasks order by id`;
  const handedBack = { status: "queued", attempt: 1, errors: null };
  expect(rows).toEqual(ids.map((id) => ({ id, ...handedBack })));
});

test("what a handler has made within its grace, when its worker stops, is kept", async () => {
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
  const deaf = task({
    name: "deaf",
    run: async () => {
      await running.pass();
      await new Promise<void>(() => {});
    },
  });
  const id = await enqueue(sql, deaf, null);
  const worker = new Worker(sql, { tasks: [deaf], graceMs: 0, ...silent });
  worker.start();
  await running.arrived(1);
  const patient = worker.stop({ deadlineMs: 3_600_000 });
  await worker.stop({ deadlineMs: 0 });
  await patient;
  expect(await result(sql, id)).toEqual({ status: "queued" });
});

test("a handler that gives up for good within its grace fails its task, and is not handed back", async () => {
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

test("a claim whose answer comes after the deadline is handed back", async () => {
  const { sql } = await freshDatabase();
  const answer = new Gate();
  const slow = stoppingAt(sql, { query: "claimTasks", when: "after" }, () => answer.pass());
  const deaf = task({ name: "deaf", run: () => new Promise<void>(() => {}) });
  const id = await enqueue(sql, deaf, null);
  const worker = new Worker(slow, { tasks: [deaf], graceMs: 0, ...silent });
  worker.start();
  await answer.arrived(1);
  const stopped = worker.stop({ deadlineMs: 0 });
  // Set after the timer of the deadline, so it fires after it.
  await new Promise((resolve) => setTimeout(resolve, 1));
  answer.open();
  await stopped;
  expect(await result(sql, id)).toEqual({ status: "queued" });
});

test("a worker that gets no answer any more stops what it runs when its lease ends, and can be stopped", async () => {
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
  const worker = new Worker(own, { tasks: [wait], graceMs: 0, leaseMs: 200, ...silent });
  worker.start();
  await running.arrived(1);
  proxy.stall();

  await expect.poll(() => reason).toBeInstanceOf(ClaimLostError);
  await expect(worker.stop({ deadlineMs: 0 })).resolves.toBeUndefined();
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

test("a task that may not start any more is not started, and one that has started does not expire", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const work = task({
    name: "work",
    startTimeoutMs: 60_000,
    retry: { backoffMs: 0 },
    run: (who: string) => {
      ran.push(who);
      if (ran.length === 1) throw new Error("once more");
    },
  });
  const started = await enqueue(sql, work, "in time");
  const worker = new Worker(sql, { tasks: [work], ...silent });
  await worker.tick();
  const late = await enqueue(sql, work, "too late");
  await moveTime(sql, { seconds: 60 });
  await worker.tick();

  expect(ran).toEqual(["in time", "in time"]);
  expect(await result(sql, started)).toMatchObject({ status: "succeeded" });
  expect(await result(sql, late)).toMatchObject({ error: { name: "StartTimeoutError" } });
});

test.each([
  [{ heartbeatIntervalMs: 0 }, /heartbeatIntervalMs is 0/],
  [{ leaseMs: 5_999 }, /leaseMs is 5999; it must be a whole number from 6000/],
  [{ graceMs: -1 }, /graceMs is -1/],
])("a worker with the options %j is refused", async (options, message) => {
  const { sql } = await freshDatabase();
  expect(() => new Worker(sql, { tasks: [], ...options })).toThrow(message);
});
