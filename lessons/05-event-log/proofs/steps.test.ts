import { freshDatabase, Gate, log, moveTime, row } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, Worker } from "#engine";
import { calls } from "./calls.ts";
import { durableTask } from "./durable-task.ts";

const AT_ONCE = { backoffMs: 0 };

test("a finished step never runs again", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const order = durableTask({
    name: "order",
    retry: { maxAttempts: 4, ...AT_ONCE },
    run: async (_: null, context) => {
      const { step } = calls(context, sql);
      const reserved = await step("reserve", () => ran.push("reserve"));
      if (context.attempt === 1) throw new Error("after the first step");
      const charged = await step("charge", () => ran.push("charge"));
      if (context.attempt === 2) throw new Error("after the second step");
      return [reserved, charged, await step("ship", () => ran.push("ship"))];
    },
  });
  const id = await enqueue(sql, order, null);
  const worker = new Worker(sql, { tasks: [order], log: () => {} });
  while ((await worker.tick()) > 0);

  expect(ran).toEqual(["reserve", "charge", "ship"]);
  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: [1, 2, 3], attempt: 3 });
});

test("a task whose runs append events survives any number of lost workers", async () => {
  const { sql } = await freshDatabase();
  const ran: number[] = [];
  const gate = new Gate();
  let runs = 0;
  const survey = durableTask({
    name: "survey",
    retry: { maxAttempts: 2, ...AT_ONCE },
    run: async (_: null, context) => {
      const { step } = calls(context, sql);
      runs += 1;
      const run = runs;
      for (let part = 1; part <= 4; part += 1) {
        await step(`part ${part}`, () => void ran.push(part));
        // Each of the first three runs loses its worker after one new step.
        if (part === run && run < 4) await gate.pass();
      }
      return "done";
    },
  });
  const id = await enqueue(sql, survey, null);
  const lost: Promise<unknown>[] = [];
  for (let run = 1; run <= 3; run += 1) {
    const ticking = new Worker(sql, { tasks: [survey], log: () => {} }).tick();
    lost.push(ticking);
    await Promise.race([ticking, gate.arrived(run)]);
    await moveTime(sql, { seconds: 15 });
  }
  await new Worker(sql, { tasks: [survey], log: () => {} }).tick();
  // The lost workers are still alive in this test, and go on when the gate opens.
  expect(ran).toEqual([1, 2, 3, 4]);
  gate.open();
  await Promise.all(lost);

  expect(await row(sql, id)).toMatchObject({
    status: "succeeded",
    output: "done",
    attempt: 1,
    errors: null,
  });
});

test("steps side by side run at the same time, and the result of each is kept", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const printed = new Gate();
  const order = durableTask({
    name: "order",
    retry: AT_ONCE,
    run: async (_: null, context) => {
      const { step } = calls(context, sql);
      const outputs = await Promise.all([
        step("pack", async () => {
          ran.push("pack");
          await printed.pass();
          return "packed";
        }),
        step("print", () => {
          ran.push("print");
          printed.open();
          return "printed";
        }),
      ]);
      if (context.attempt === 1) throw new Error("after both");
      return outputs;
    },
  });
  const id = await enqueue(sql, order, null);
  const worker = new Worker(sql, { tasks: [order], log: () => {} });
  while ((await worker.tick()) > 0);

  expect(ran).toEqual(["pack", "print"]);
  expect(await row(sql, id)).toMatchObject({ output: ["packed", "printed"], attempt: 2 });
});

test("the idempotency key of a step is the same in each attempt, and no other step has it", async () => {
  const { sql } = await freshDatabase();
  const keys: string[] = [];
  const order = durableTask({
    name: "order",
    retry: { maxAttempts: 2, ...AT_ONCE },
    run: async (_: null, context) => {
      const { step } = calls(context, sql);
      await step("reserve", ({ idempotencyKey }) => void keys.push(idempotencyKey));
      await step("charge", ({ idempotencyKey }) => {
        keys.push(idempotencyKey);
        if (context.attempt === 1) throw new Error("no answer");
      });
    },
  });
  const id = await enqueue(sql, order, null);
  const worker = new Worker(sql, { tasks: [order], log: () => {} });
  while ((await worker.tick()) > 0);

  expect(keys).toEqual([`${id}/1`, `${id}/2`, `${id}/2`]);
});

test("a step within a step is refused, because later runs would not make that call", async () => {
  const { sql } = await freshDatabase();
  const nested = durableTask({
    name: "nested",
    run: (_: null, context) => {
      const { step } = calls(context, sql);
      return step("outer", () => step("inner", () => "in both"));
    },
  });
  const id = await enqueue(sql, nested, null);
  await new Worker(sql, { tasks: [nested], log: () => {} }).tick();

  const message =
    'The step "inner" is called within the step "outer"; make one call after the other';
  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    error: { message: `Step "outer" failed: ${message}` },
  });
  expect(await log(sql, id)).toEqual([`1 outer failed: ${message}`, "1 outer reopened"]);
});
