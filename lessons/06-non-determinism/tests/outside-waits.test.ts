import { setTimeout as pause } from "node:timers/promises";
import { freshDatabase, Gate, log, moveTime, row } from "shared/testing";
import { describe, expect, test } from "vitest";
import { enqueue, type TaskContext, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";
import { runToEnd } from "./runs.ts";

const WAIT_MS = 50;
const FAR_ABOVE = { stallMs: 60_000 };

type Program = (context: TaskContext, slow: () => Promise<void>) => Promise<unknown>;

describe("after a crash, a wait outside of the context is no difference", () => {
  const chain = async ({ step }: TaskContext, name: string) => {
    await step(`${name} 1`, () => {});
    await pause(WAIT_MS);
    await step(`${name} 2`, () => {});
  };
  // At the crash, each program has made all its calls and the log has this many events. The step `slow` is under way, so in the
  // next run its call waits while the handler waits outside.
  const programs: [where: string, events: number, Program][] = [
    [
      "in the first branch",
      2,
      (context, slow) => Promise.all([chain(context, "a"), context.step("slow", slow)]),
    ],
    [
      "in the last branch",
      2,
      (context, slow) => Promise.all([context.step("slow", slow), chain(context, "a")]),
    ],
    [
      "before any call is settled",
      1,
      async (context, slow) => {
        const slowed = context.step("slow", slow);
        await pause(WAIT_MS);
        return Promise.all([slowed, context.step("a 1", () => {})]);
      },
    ],
    [
      "beside a race",
      3,
      async (context, slow) => {
        const slowed = context.step("slow", slow);
        await Promise.race([slowed, chain(context, "a")]);
        await pause(WAIT_MS);
        await context.step("b", () => {});
        return slowed;
      },
    ],
    [
      "after a failure that was caught",
      2,
      async (context, slow) => {
        const failing = async () => {
          await context.step("refused", () => Promise.reject(new Error("no"))).catch(() => {});
          await pause(WAIT_MS);
          await context.step("b", () => {});
        };
        return Promise.all([context.step("slow", slow), failing()]);
      },
    ],
  ];
  test.each(programs)("%s", async (_, events, program) => {
    const { sql } = await freshDatabase();
    const gate = new Gate();
    let isLost = false;
    const order = durableTask({
      name: "order",
      run: async (_: null, context) => {
        await program(context, async () => {
          if (!isLost) await gate.pass();
        });
        return "done";
      },
    });
    const id = await enqueue(sql, order, null);
    const ended = new Worker(sql, { tasks: [order], log: () => {} }).tick();
    await expect.poll(() => log(sql, id)).toHaveLength(events);
    expect(await row(sql, id)).toMatchObject({ status: "running" });
    await moveTime(sql, { seconds: 15 });
    isLost = true;
    await runToEnd(sql, order, FAR_ABOVE);
    gate.open();
    await ended;

    expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: "done" });
  });
});

test("a handler that waits outside of its context, with no call waiting, is never caught", async () => {
  const { sql } = await freshDatabase();
  const order = durableTask({
    name: "order",
    retry: { backoffMs: 0 },
    run: async (_: null, { step, attempt }) => {
      await pause(WAIT_MS);
      await step("reserve", () => {});
      await pause(WAIT_MS);
      await step("charge", () => {});
      if (attempt === 1) throw new Error("halfway");
    },
  });
  const id = await enqueue(sql, order, null);
  await runToEnd(sql, order, { stallMs: 1 });

  expect(await row(sql, id)).toMatchObject({ status: "succeeded", attempt: 2 });
  expect(await log(sql, id)).toEqual(["1 reserve succeeded", "2 charge succeeded"]);
});
