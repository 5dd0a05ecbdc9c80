import { freshDatabase, Gate, log, polledRow, row } from "shared/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { cancel, enqueue, type TaskContext, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";

const silent = { log: () => {} };

test("the signal does not fire when the handler returns, so nothing that listens to it rejects", async () => {
  const { sql } = await freshDatabase();
  const unhandled = watchRejections();
  let kept: AbortSignal | undefined;
  const order = durableTask({
    name: "order",
    run: async (_: null, { step, signal }) => {
      kept = signal;
      // Nothing awaits it, like a `fetch(url, { signal })` whose reply is not needed.
      void new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(new Error("aborted")));
      });
      await step("charge", () => {});
      return "done";
    },
  });
  const id = await enqueue(sql, order, null);
  await new Worker(sql, { tasks: [order], ...silent }).tick();

  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: "done" });
  expect(kept?.aborted).toBe(false);
  expect(await unhandled()).toEqual([]);
});

test("a step that nothing awaits does not harm its task, and a call after the handler has returned never settles", async () => {
  const { sql } = await freshDatabase();
  const unhandled = watchRejections();
  let kept: TaskContext | undefined;
  const forgetful = durableTask({
    name: "forgetful",
    run: (_: null, context) => {
      kept = context;
      context.step("not awaited", () => {
        throw new Error("nothing gets it");
      });
    },
  });
  const id = await enqueue(sql, forgetful, null);
  await new Worker(sql, { tasks: [forgetful], ...silent }).tick();

  let hasRun = false;
  const late = kept?.step("too late", () => {
    hasRun = true;
  });
  const settled = late?.then(
    () => "settled",
    () => "settled",
  );
  expect(await Promise.race([settled, oneTurn()])).toBeUndefined();
  expect(hasRun).toBe(false);
  expect(await row(sql, id)).toMatchObject({ status: "succeeded" });
  expect(await unhandled()).toEqual([]);
});

test("a step that fails before the handler awaits it is no unhandled rejection", async () => {
  const { sql } = await freshDatabase();
  const unhandled = watchRejections();
  const order = durableTask({
    name: "order",
    run: async (_: null, { step }) => {
      const charged = step("charge", () => {
        throw new Error("declined");
      });
      await step("pack", () => {});
      await step("label", () => oneTurn());
      return charged.catch(({ message }) => message);
    },
  });
  const id = await enqueue(sql, order, null);
  await new Worker(sql, { tasks: [order], ...silent }).tick();

  expect(await row(sql, id)).toMatchObject({ output: 'Step "charge" failed: declined' });
  expect(await unhandled()).toEqual([]);
});

describe("two branches, one of which is not awaited yet, end without an unhandled rejection", () => {
  test("when the task is cancelled", async () => {
    const { sql, id, gate, worker } = await runTrip();
    const unhandled = watchRejections();
    await cancel(sql, id);
    gate.open();
    await expect.poll(polledRow(sql, id)).toMatchObject({ status: "cancelled" });

    await worker.stop();
    expect(await unhandled()).toEqual([]);
    expect(await log(sql, id)).toEqual([]);
  });

  test("when the worker stops", async () => {
    const { sql, id, gate, worker } = await runTrip();
    const unhandled = watchRejections();
    gate.open();
    await worker.stop({ deadlineMs: 0 });

    expect(await unhandled()).toEqual([]);
    expect(await row(sql, id)).toMatchObject({ status: "queued", attempt: 1, errors: null });
    expect(await log(sql, id)).toEqual([]);
  });

  /** Starts a task whose two branches each have a step under way, which fails when its signal fires. */
  async function runTrip() {
    const { sql } = await freshDatabase();
    const gate = new Gate();
    const trip = durableTask({
      name: "trip",
      run: async (_: null, { step }) => {
        const leg = async (name: string) => {
          await step(`book ${name}`, async ({ signal }) => {
            await gate.pass();
            await fired(signal);
            throw signal.reason;
          });
          return step(`pay ${name}`, () => name);
        };
        const out = leg("out");
        const back = leg("back");
        return [await out, await back];
      },
    });
    const id = await enqueue(sql, trip, null);
    const worker = new Worker(sql, { tasks: [trip], heartbeatIntervalMs: 20, ...silent });
    worker.start();
    onTestFinished(() => worker.stop());
    await gate.arrived(2);
    return { sql, id, gate, worker };
  }
});

test("a cancelled task makes no more calls, not even in a `finally`", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const ran: string[] = [];
  const trip = durableTask({
    name: "trip",
    run: async (_: null, { step }) => {
      try {
        await step("book", () => void ran.push("book"));
        await step("wait", async ({ signal }) => {
          await gate.pass();
          await fired(signal);
          ran.push(`stop waiting: ${signal.reason.name}`);
          throw signal.reason;
        });
      } finally {
        ran.push("finally");
        await step("cancel the booking", () => void ran.push("cancel the booking"));
      }
    },
  });
  const id = await enqueue(sql, trip, null);
  const worker = new Worker(sql, { tasks: [trip], heartbeatIntervalMs: 20, ...silent });
  worker.start();
  onTestFinished(() => worker.stop());
  gate.open();
  await gate.arrived(1);
  await cancel(sql, id);
  await expect.poll(polledRow(sql, id)).toMatchObject({ status: "cancelled" });

  // The step that was under way never settles, so the handler does not come to its `finally`.
  expect(ran).toEqual(["book", "stop waiting: CancelledError"]);
  expect(await log(sql, id)).toEqual(["1 book succeeded"]);
});

test("a handler that makes a call after its own wait was cut short by a cancellation stops at that call", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const ran: string[] = [];
  const trip = durableTask({
    name: "trip",
    run: async (_: null, { step, signal }) => {
      try {
        await gate.pass();
        await fired(signal);
      } finally {
        ran.push("finally");
        await step("cancel the booking", () => void ran.push("cancel the booking")).catch(() => {});
        ran.push("after the call");
      }
    },
  });
  const id = await enqueue(sql, trip, null);
  const worker = new Worker(sql, { tasks: [trip], heartbeatIntervalMs: 20, ...silent });
  worker.start();
  onTestFinished(() => worker.stop());
  gate.open();
  await gate.arrived(1);
  await cancel(sql, id);
  await expect.poll(polledRow(sql, id)).toMatchObject({ status: "cancelled" });

  expect(ran).toEqual(["finally"]);
  expect(await log(sql, id)).toEqual([]);
});

/** Returns a function that returns the unhandled rejections so far. */
function watchRejections(): () => Promise<unknown[]> {
  const reasons: unknown[] = [];
  const add = (reason: unknown) => void reasons.push(reason);
  process.on("unhandledRejection", add);
  onTestFinished(() => void process.off("unhandledRejection", add));
  return async () => {
    // Node reports a rejection once the microtasks have run.
    await oneTurn();
    return reasons;
  };
}

async function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
}

function oneTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
