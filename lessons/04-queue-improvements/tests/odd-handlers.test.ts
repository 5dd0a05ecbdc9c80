import { freshDatabase, row } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, enqueueMany, NonRetryableError, task, Worker } from "#engine";

test("a handler that throws a revoked proxy fails its attempt, and not its worker", async () => {
  const { sql } = await freshDatabase();
  const odd = task({
    name: "odd",
    retry: { maxAttempts: 2, backoffMs: 0 },
    run: () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      throw proxy;
    },
  });
  const id = await enqueue(sql, odd, null);
  const worker = new Worker(sql, { tasks: [odd], slots: 1, log: () => {} });
  expect(await worker.tick()).toBe(1);
  expect(await worker.tick()).toBe(1);
  expect(await row(sql, id)).toMatchObject({ status: "failed", attempt: 2 });
});

test("Promise.any ends the task at once if none of its branches can be retried", async () => {
  const { sql } = await freshDatabase();
  const refuse = async (reason: string) => {
    throw new NonRetryableError(reason);
  };
  const pay = task({
    name: "pay",
    retry: { maxAttempts: 3, backoffMs: 0 },
    run: () => Promise.any([refuse("the card has expired"), refuse("the account is closed")]),
  });
  const id = await enqueue(sql, pay, null);
  const worker = new Worker(sql, { tasks: [pay], log: () => {} });
  while ((await worker.tick()) > 0);

  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    attempt: 1,
    error: {
      message: "All promises were rejected: the card has expired; the account is closed",
      errors: [{ name: "NonRetryableError" }, { name: "NonRetryableError" }],
    },
  });
});

test("a handler that keeps other listeners from its signal loses its slot all the same", async () => {
  const { sql } = await freshDatabase();
  const deaf = task({
    name: "deaf",
    timeoutMs: 20,
    run: (_: null, { signal }) => {
      signal.addEventListener("abort", (event) => event.stopImmediatePropagation());
      return new Promise<void>(() => {});
    },
  });
  const id = await enqueue(sql, deaf, null);
  await new Worker(sql, { tasks: [deaf], graceMs: 10, log: () => {} }).tick();
  expect(await row(sql, id)).toMatchObject({ status: "failed", error: { name: "TimeoutError" } });
});

test.each([
  [{ retry: { maxAttempts: 0 } }, /retry.maxAttempts is 0/],
  [{ timeoutMs: Number.POSITIVE_INFINITY }, /timeoutMs is Infinity/],
])("a definition with %j that task() has not made is refused, too", async (options, message) => {
  const { sql } = await freshDatabase();
  const raw = { name: "raw", run: () => {}, ...options };
  await expect(enqueueMany(sql, raw, [{ input: null }])).rejects.toThrow(message);
  expect(() => new Worker(sql, { tasks: [raw] })).toThrow(message);
  expect(await sql`select from tasks`).toHaveLength(0);
});

test("three keys of the greatest length fit into an index", async () => {
  const { sql } = await freshDatabase();
  // Random, so that Postgres cannot compress it.
  const key = Array.from({ length: 850 }, () => String.fromCharCode(33 + Math.random() * 90)).join(
    "",
  );
  const long = task({ name: key, run: () => "ran" });
  const id = await enqueue(sql, long, null as never, { queue: key, idempotencyKey: key });
  await new Worker(sql, { tasks: [long], queue: key, log: () => {} }).tick();
  expect(await row(sql, id)).toMatchObject({ status: "succeeded" });
});
