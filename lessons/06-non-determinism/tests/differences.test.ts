import { setImmediate as turn } from "node:timers/promises";
import type { Sql } from "shared/database";
import { freshDatabase, Gate, log, moveTime, polledRow, row } from "shared/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  cancel,
  enqueue,
  retry,
  type StepInfo,
  type TaskContext,
  type TaskDefinition,
  Worker,
  type WorkerOptions,
} from "#engine";
import { durableTask } from "../proofs/durable-task.ts";
import { unhandledRejections } from "./runs.ts";

const AT_ONCE = { maxAttempts: 3, backoffMs: 0 };

type Task = TaskDefinition<never, unknown>;

async function tick(sql: Sql, ...tasks: Task[]): Promise<void> {
  await new Worker(sql, { tasks, log: () => {} }).tick();
}

/** Another task of the same worker. Its step ends with the gate. */
function otherTask(gate: Gate) {
  return durableTask({
    name: "other",
    run: async (_: null, { step }) => {
      await step("wait", () => gate.pass());
      return "done";
    },
  });
}

describe("branches whose calls never settle cause no unhandled rejection, and other tasks go on", () => {
  /** Two branches that are started side by side, but awaited one after the other. */
  async function bothLegs(
    { step }: TaskContext,
    verb: string,
    run: (step: StepInfo) => unknown,
  ): Promise<void> {
    const leg = async (name: string) => {
      await step(`${verb} ${name}`, run);
      await step(`pay ${name}`, run);
    };
    const out = leg("out");
    const back = leg("back");
    await out;
    await back;
  }

  test("when both branches differ from the log", async () => {
    const { sql } = await freshDatabase();
    const unhandled = unhandledRejections();
    const trip = (verb: string) =>
      durableTask({
        name: "trip",
        retry: AT_ONCE,
        run: async (_: null, context) => {
          await bothLegs(context, verb, () => {});
          throw new Error("halfway");
        },
      });
    const id = await enqueue(sql, trip("book"), null);
    await tick(sql, trip("book"));
    const gate = new Gate();
    const beside = await enqueue(sql, otherTask(gate), null);
    const ticked = tick(sql, trip("reserve"), otherTask(gate));
    await expect.poll(polledRow(sql, id)).toMatchObject({ status: "failed" });
    await turn();
    gate.open();
    await ticked;

    expect(await row(sql, id)).toMatchObject({ error: { name: "NonDeterminismError" } });
    expect(await row(sql, beside)).toMatchObject({ status: "succeeded", attempt: 1 });
    expect(unhandled).toEqual([]);
  });

  type Run = (gate: Gate) => (step: StepInfo) => Promise<void>;

  const untilSignal: Run =
    (gate) =>
    ({ signal }) => {
      gate.pass();
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    };
  const ignoringSignal: Run = (gate) => () => gate.pass();
  const steps: [string, Run][] = [
    ["steps that throw when their signal fires", untilSignal],
    ["steps that ignore their signal", ignoringSignal],
  ];

  function startWorker(sql: Sql, ...tasks: Task[]): Worker {
    const options: WorkerOptions = { tasks, heartbeatIntervalMs: 20, graceMs: 50, log: () => {} };
    const worker = new Worker(sql, options);
    worker.start();
    onTestFinished(() => worker.stop());
    return worker;
  }

  function tripWith(run: (step: StepInfo) => Promise<void>) {
    return durableTask({
      name: "trip",
      run: (_: null, context) => bothLegs(context, "book", run),
    });
  }

  test.each(steps)("when the task is cancelled during %s", async (_, run) => {
    const { sql } = await freshDatabase();
    const unhandled = unhandledRejections();
    const [gate, besideGate] = [new Gate(), new Gate()];
    const trip = tripWith(run(gate));
    const other = otherTask(besideGate);
    const id = await enqueue(sql, trip, null);
    const beside = await enqueue(sql, other, null);
    const worker = startWorker(sql, trip, other);
    await gate.arrived(2);
    await cancel(sql, id);
    await expect.poll(polledRow(sql, id)).toMatchObject({ status: "cancelled" });
    gate.open();
    besideGate.open();
    await worker.stop();

    expect(await row(sql, beside)).toMatchObject({ status: "succeeded", attempt: 1 });
    expect(unhandled).toEqual([]);
  });

  test.each(steps)("when the worker stops at once during %s", async (_, run) => {
    const { sql } = await freshDatabase();
    const unhandled = unhandledRejections();
    const gate = new Gate();
    const trip = tripWith(run(gate));
    const id = await enqueue(sql, trip, null);
    const worker = startWorker(sql, trip);
    await gate.arrived(2);
    await worker.stop({ deadlineMs: 0 });
    gate.open();

    expect(await row(sql, id)).toMatchObject({ status: "queued", attempt: 1, errors: null });
    expect(await log(sql, id)).toEqual([]);
    expect(unhandled).toEqual([]);
  });
});

test("a loop that catches every error of a changed call does not freeze the worker", async () => {
  const { sql } = await freshDatabase();
  const waiting = (name: string) =>
    durableTask({
      name: "wait",
      retry: AT_ONCE,
      run: async (_: null, { step, attempt }) => {
        let isReady: unknown = false;
        while (!isReady) isReady = await step(name, () => true).catch(() => false);
        if (attempt === 1) throw new Error("halfway");
      },
    });
  const id = await enqueue(sql, waiting("is it ready?"), null);
  await tick(sql, waiting("is it ready?"));
  const gate = new Gate();
  gate.open();
  const beside = await enqueue(sql, otherTask(gate), null);
  await tick(sql, waiting("ready?"), otherTask(gate));

  expect(await row(sql, id)).toMatchObject({ error: { name: "NonDeterminismError" } });
  expect(await row(sql, beside)).toMatchObject({ status: "succeeded", attempt: 1 });
});

test("a difference costs no attempt and reopens no failure, and a retry keeps the attempt and the log", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const order = (second: string) =>
    durableTask({
      name: "order",
      retry: AT_ONCE,
      run: async (_: null, { step, attempt }) => {
        const charge = () => {
          ran.push("charge");
          throw new Error("no money");
        };
        const isCharged = await step("charge", charge).catch(() => false);
        await step(second, () => void ran.push(second));
        if (attempt === 1) throw new Error("halfway");
        return isCharged;
      },
    });
  const id = await enqueue(sql, order("apologise"), null);
  await tick(sql, order("apologise"));
  const before = ["1 charge failed: no money", "2 apologise succeeded"];
  const errors = [expect.objectContaining({ attempt: 1, message: "halfway" })];
  for (let time = 1; time <= 3; time += 1) {
    await tick(sql, order("say sorry"));
    expect(await row(sql, id)).toMatchObject({ status: "failed", attempt: 2, errors });
    expect(await log(sql, id)).toEqual(before);
    await retry(sql, id);
    expect(await row(sql, id)).toMatchObject({ status: "queued", attempt: 2, maxAttempts: 3 });
  }
  await tick(sql, order("apologise"));

  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: false, attempt: 2 });
  expect(await log(sql, id)).toEqual(before);
  expect(ran).toEqual(["charge", "apologise"]);
});

test("a failure that was not built upon stays closed if the run ends in a difference", async () => {
  const { sql } = await freshDatabase();
  let isLost = true;
  const gate = new Gate();
  const order = (isChanged: boolean) =>
    durableTask({
      name: "order",
      retry: AT_ONCE,
      run: async (_: null, { step }) => {
        const name = isChanged ? "bill" : "charge";
        const charged = step(name, () => Promise.reject(new Error("no money"))).catch(() => {});
        const packed = step("pack", async () => {
          if (isLost) await gate.pass();
        });
        await Promise.all([charged, packed]);
      },
    });
  const id = await enqueue(sql, order(false), null);
  const ended = tick(sql, order(false));
  await expect.poll(() => log(sql, id)).toHaveLength(1);
  await moveTime(sql, { seconds: 15 });
  isLost = false;
  await tick(sql, order(true));
  expect(await row(sql, id)).toMatchObject({ error: { name: "NonDeterminismError" } });
  expect(await log(sql, id)).toEqual(["1 charge failed: no money"]);
  gate.open();
  await ended;
});
