import { freshDatabase, Gate, log, moveTime, row } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, Worker } from "#engine";
import { calls } from "./calls.ts";
import { durableTask } from "./durable-task.ts";

const AT_ONCE = { backoffMs: 0 };

test("a finished step is never run again", async () => {
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

test("a step that fails is run again at the next attempt, and those before it are not", async () => {
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
    "2 charge failed: no answer, attempt 2",
    "2 charge succeeded",
  ]);
});

test("a step that fails for good fails its task, and the log says with what", async () => {
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
  expect(await log(sql, id)).toEqual(["1 charge failed: the card has expired"]);
});

test("a failure that the program caught stays what it was", async () => {
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
    "1 charge the card caught",
    "2 send a bill succeeded",
  ]);
});

test("a step is tried as its own policy says, within one attempt of its task", async () => {
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
});

test("a step's failed attempts are in the log, so a crash gives none of them back", async () => {
  const { sql } = await freshDatabase();
  const ran: number[] = [];
  const gate = new Gate();
  const call = durableTask({
    name: "call",
    run: async (_: null, context) =>
      calls(context, sql).step(
        "call",
        async ({ attempt }) => {
          ran.push(attempt);
          if (attempt === 2 && context.attempt === 1) await gate.pass();
          throw new Error(`no answer to call ${attempt}`);
        },
        { retry: { maxAttempts: 3, ...AT_ONCE } },
      ),
  });
  const id = await enqueue(sql, call, null);
  // As if its process had died in the middle of the second attempt.
  const lost = new Worker(sql, { tasks: [call], log: () => {} }).tick().catch(() => {});
  await Promise.race([lost, gate.arrived(1)]);
  await moveTime(sql, { seconds: 15 });
  await new Worker(sql, { tasks: [call], log: () => {} }).tick();
  gate.open();
  await lost;

  expect(ran).toEqual([1, 2, 2, 3]);
  expect(await log(sql, id)).toEqual([
    "1 call failed: no answer to call 1",
    "1 call failed: no answer to call 2",
    "1 call failed: no answer to call 3",
  ]);
});

test("steps side by side run at once, and each keeps what it came to", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  let arrive = () => {};
  const both = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const order = durableTask({
    name: "order",
    retry: AT_ONCE,
    run: async (_: null, context) => {
      const { step } = calls(context, sql);
      const outputs = await Promise.all([
        step("pack", async () => {
          ran.push("pack");
          await both;
          return "packed";
        }),
        step("print", () => {
          ran.push("print");
          arrive();
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

test("a step's idempotency key is the same at each attempt, and no other step has it", async () => {
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
        if (context.attempt === 1) throw new Error("the answer got lost");
      });
    },
  });
  const id = await enqueue(sql, order, null);
  const worker = new Worker(sql, { tasks: [order], log: () => {} });
  while ((await worker.tick()) > 0);

  expect(keys).toEqual([`${id}/1`, `${id}/2`, `${id}/2`]);
});

test("a step within a step is refused, for a replay would not make that call", async () => {
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

  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    error: { message: expect.stringContaining('step "inner" is called within the step "outer"') },
  });
  expect(await log(sql, id)).toHaveLength(1);
});
