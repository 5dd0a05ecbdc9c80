import { freshDatabase, Gate, log, row } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, NonRetryableError, type TaskContext, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";

test("when the worker stops, a step may finish within the grace period, and its result is kept", async () => {
  const { id, sql } = await stopWhileRunning(async ({ step }, passGate) => {
    await step("charge", async ({ signal }) => {
      await passGate();
      await fired(signal);
      return "charged";
    });
    await step("ship", () => {});
  });

  expect(await log(sql, id)).toEqual(["1 charge succeeded"]);
  expect(await row(sql, id)).toMatchObject({ status: "queued", attempt: 1 });
});

test("when the worker stops, a handler that makes a call returns to the queue, even if it would catch an error", async () => {
  const { id, sql } = await stopWhileRunning(async ({ step, signal }, passGate) => {
    await passGate();
    await fired(signal);
    return step("charge", () => "charged").catch(() => "declined");
  });

  expect(await log(sql, id)).toEqual([]);
  expect(await row(sql, id)).toMatchObject({ status: "queued", attempt: 1, output: null });
});

test.each([
  ["an error", Error],
  ["a non-retryable error", NonRetryableError],
])("when the worker stops, %s of a step does not count", async (_, Thrown) => {
  const { id, sql } = await stopWhileRunning(({ step }, passGate) =>
    step("charge", async ({ signal }) => {
      await passGate();
      await fired(signal);
      throw new Thrown("no answer");
    }).catch(() => "declined"),
  );

  expect(await log(sql, id)).toEqual([]);
  expect(await row(sql, id)).toMatchObject({ status: "queued", attempt: 1, output: null });
});

test("a step that ignores its signal delays the end of its run by one grace period", async () => {
  const graceMs = 1_500;
  let isLate = false;
  const { id, sql } = await stopWhileRunning(
    ({ step }, passGate) =>
      step("hang", async ({ signal }) => {
        await passGate();
        await fired(signal);
        setTimeout(() => {
          isLate = true;
        }, 1.9 * graceMs).unref();
        await new Promise(() => {});
      }),
    { graceMs },
  );

  expect(isLate).toBe(false);
  expect(await row(sql, id)).toMatchObject({ status: "queued", attempt: 1 });
});

/** Stops a worker when its handler has come to `passGate`, without a deadline. */
async function stopWhileRunning(
  run: (context: TaskContext, passGate: () => Promise<void>) => Promise<unknown>,
  options: { graceMs?: number } = {},
) {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  gate.open();
  const pay = durableTask({
    name: "pay",
    run: (_: null, context) => run(context, () => gate.pass()),
  });
  const id = await enqueue(sql, pay, null);
  const worker = new Worker(sql, { tasks: [pay], log: () => {}, ...options });
  worker.start();
  await gate.arrived(1);
  await worker.stop({ deadlineMs: 0 });
  return { id, sql };
}

async function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
}
