import { freshDatabase, Gate, log, moveTime, row } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, Worker } from "#engine";
import { calls } from "./calls.ts";
import { durableTask } from "./durable-task.ts";

const AT_ONCE = { backoffMs: 0 };

test("a step that fails its task's attempt runs again in the next one, and the steps before it do not", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const order = durableTask({
    name: "order",
    retry: { maxAttempts: 3, ...AT_ONCE },
    run: async (_: null, context) => {
      const { step } = calls(context, sql);
      await step("reserve", () => ran.push("reserve"));
      return step("charge", () => {
        ran.push("charge");
        if (context.attempt < 3) throw new Error(`no answer, attempt ${context.attempt}`);
        return "charged";
      });
    },
  });
  const id = await enqueue(sql, order, null);
  const worker = new Worker(sql, { tasks: [order], log: () => {} });
  while ((await worker.tick()) > 0);

  expect(ran).toEqual(["reserve", "charge", "charge", "charge"]);
  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: "charged", attempt: 3 });
  expect(await log(sql, id)).toEqual([
    "1 reserve succeeded",
    "2 charge failed: no answer, attempt 1",
    "2 charge reopened",
    "2 charge failed: no answer, attempt 2",
    "2 charge reopened",
    "2 charge succeeded",
  ]);
});

test("a step that fails for good fails its task, and the task's error names the step and the cause", async () => {
  const { sql } = await freshDatabase();
  const order = durableTask({
    name: "order",
    run: async (_: null, context) => {
      await calls(context, sql).step("charge", () => {
        throw new TypeError("the card has expired");
      });
    },
  });
  const id = await enqueue(sql, order, null);
  await new Worker(sql, { tasks: [order], log: () => {} }).tick();

  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    error: {
      name: "StepFailedError",
      message: 'Step "charge" failed: the card has expired',
      cause: { name: "TypeError", message: "the card has expired" },
    },
  });
  expect(await log(sql, id)).toEqual([
    "1 charge failed: the card has expired",
    "1 charge reopened",
  ]);
});

test("a failure that the handler has built on is final: later runs get the same failure", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const order = durableTask({
    name: "order",
    retry: AT_ONCE,
    run: async (_: null, context) => {
      const { step } = calls(context, sql);
      const paidBy = await step("charge the card", () => {
        ran.push("card");
        if (ran.length === 1) throw new Error("declined");
        return "card";
      }).catch(({ message, cause }) => `not by card: ${message} (${cause?.message})`);
      await step("send a bill", () => ran.push("bill"));
      if (context.attempt === 1) throw new Error("after the bill");
      return paidBy;
    },
  });
  const id = await enqueue(sql, order, null);
  const worker = new Worker(sql, { tasks: [order], log: () => {} });
  while ((await worker.tick()) > 0);

  expect(ran).toEqual(["card", "bill"]);
  expect(await row(sql, id)).toMatchObject({
    output: 'not by card: Step "charge the card" failed: declined (declined)',
    attempt: 2,
  });
  expect(await log(sql, id)).toEqual([
    "1 charge the card failed: declined",
    "2 send a bill succeeded",
  ]);
});

test("a step with a retry policy is attempted as its policy says, within one attempt of its task", async () => {
  const { sql } = await freshDatabase();
  const ran: number[] = [];
  const call = durableTask({
    name: "call",
    run: async (_: null, context) =>
      calls(context, sql).step(
        "call",
        ({ attempt }) => {
          ran.push(attempt);
          if (attempt < 3) throw new Error(`no answer to call ${attempt}`);
          return "answered";
        },
        { retry: { maxAttempts: 5, ...AT_ONCE } },
      ),
  });
  const id = await enqueue(sql, call, null);
  await new Worker(sql, { tasks: [call], log: () => {} }).tick();

  expect(ran).toEqual([1, 2, 3]);
  expect(await row(sql, id)).toMatchObject({ output: "answered", attempt: 1 });
  expect(await log(sql, id)).toEqual([
    "1 call retried: no answer to call 1",
    "1 call retried: no answer to call 2",
    "1 call succeeded",
  ]);
});

test("failed attempts of a step are in the log, so a lost worker does not give them back", async () => {
  const { sql } = await freshDatabase();
  const ran: number[] = [];
  const gate = new Gate();
  let runs = 0;
  const call = durableTask({
    name: "call",
    run: async (_: null, context) => {
      runs += 1;
      const isFirst = runs === 1;
      await calls(context, sql).step(
        "call",
        async ({ attempt }) => {
          ran.push(attempt);
          if (attempt === 2 && isFirst) await gate.pass();
          throw new Error(`no answer to call ${attempt}`);
        },
        { retry: { maxAttempts: 3, ...AT_ONCE } },
      );
    },
  });
  const id = await enqueue(sql, call, null);
  // Its lease expires during the second attempt.
  const lost = new Worker(sql, { tasks: [call], log: () => {} }).tick();
  await Promise.race([lost, gate.arrived(1)]);
  await moveTime(sql, { seconds: 15 });
  await new Worker(sql, { tasks: [call], log: () => {} }).tick();
  gate.open();
  await lost;

  expect(ran).toEqual([1, 2, 2, 3]);
  expect(await log(sql, id)).toEqual([
    "1 call retried: no answer to call 1",
    "1 call retried: no answer to call 2",
    "1 call failed: no answer to call 3",
    "1 call reopened",
  ]);
});
