import { freshDatabase, Gate, log, row, stoppingAt } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";
import { loseWorker, runToEnd } from "./runs.ts";

const AT_ONCE = { backoffMs: 0 };

test("a failure that was built on stays final when a worker is lost, and when a later attempt fails", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const gate = new Gate();
  let runs = 0;
  const order = durableTask({
    name: "order",
    retry: AT_ONCE,
    run: async (_: null, { step }) => {
      runs += 1;
      const run = runs;
      const paidBy = await step("charge", () => {
        ran.push("charge");
        throw new Error("declined");
      }).catch(() => "bill");
      await step("send a bill", () => void ran.push("bill"));
      if (run === 1) await gate.pass();
      if (run === 2) throw new Error("after the bill");
      return paidBy;
    },
  });
  const id = await enqueue(sql, order, null);
  const lost = await loseWorker(sql, order, gate);
  await runToEnd(sql, order);
  gate.open();
  await lost.ended;

  expect(ran).toEqual(["charge", "bill"]);
  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: "bill", attempt: 2 });
  expect(await log(sql, id)).toEqual(["1 charge failed: declined", "2 send a bill succeeded"]);
});

test("a failure that was caught last is final once the handler has returned, even if its outcome was not written", async () => {
  const { sql } = await freshDatabase();
  let ran = 0;
  const pay = durableTask({
    name: "pay",
    run: (_: null, { step }) =>
      step("charge the card", () => {
        ran += 1;
        if (ran === 1) throw new Error("declined");
        return "by card";
      }).catch(() => "by bill"),
  });
  const id = await enqueue(sql, pay, null);
  const gate = new Gate();
  const stopping = stoppingAt(sql, { query: ["endRun", "endRuns"], when: "before" }, () =>
    gate.pass(),
  );
  const lost = await loseWorker(stopping, pay, gate);
  await runToEnd(sql, pay);
  gate.open();
  await lost.ended;

  expect(ran).toBe(1);
  expect(await row(sql, id)).toMatchObject({ output: "by bill", attempt: 1 });
  expect(await log(sql, id)).toEqual(["1 charge the card failed: declined"]);
});

test("a run that fails before it has made all calls of its log reopens no failure of an earlier run", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  let runs = 0;
  const order = durableTask({
    name: "order",
    retry: AT_ONCE,
    run: async (_: null, { step }) => {
      runs += 1;
      const run = runs;
      const paidBy = await step("charge", () => {
        if (run === 1) throw new Error("declined");
        return "card";
      }).catch(() => "bill");
      // The second run does not come to its second call.
      if (run === 2) await new Promise(() => {});
      await step("send a bill", () => {});
      if (run === 1) await gate.pass();
      return paidBy;
    },
  });
  const id = await enqueue(sql, order, null);
  const lost = await loseWorker(sql, order, gate);
  const hurried = { ...order, timeoutMs: 1 };
  await new Worker(sql, { tasks: [hurried], graceMs: 0, log: () => {} }).tick();
  expect(await row(sql, id)).toMatchObject({ attempt: 2, errors: [{ name: "TimeoutError" }] });
  await runToEnd(sql, order);
  gate.open();
  await lost.ended;

  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: "bill", attempt: 2 });
  expect(await log(sql, id)).toEqual(["1 charge failed: declined", "2 send a bill succeeded"]);
});

test("a call in a `finally` makes the failure final, so later attempts get it again", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const order = durableTask({
    name: "order",
    retry: { maxAttempts: 3, ...AT_ONCE },
    run: async (_: null, { step }) => {
      try {
        await step("charge", () => {
          ran.push("charge");
          throw new Error("no answer");
        });
      } finally {
        await step("release", () => void ran.push("release"));
      }
    },
  });
  const id = await enqueue(sql, order, null);
  await runToEnd(sql, order);

  expect(ran).toEqual(["charge", "release"]);
  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    attempt: 3,
    error: { message: 'Step "charge" failed: no answer' },
  });
  expect(await log(sql, id)).toEqual(["1 charge failed: no answer", "2 release succeeded"]);
});
