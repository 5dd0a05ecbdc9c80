import { setImmediate as nextTurn } from "node:timers/promises";
import { freshDatabase, Gate, log, recordStatements, row, stoppingAt } from "shared/testing";
import { expect, test } from "vitest";
import { cancel, enqueue, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";
import { loseWorker, runToEnd } from "./runs.ts";

const AT_ONCE = { backoffMs: 0 };

test("a step that is under way beside a failed one may finish, and only the failed one is reopened", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const gate = new Gate();
  const order = durableTask({
    name: "order",
    retry: AT_ONCE,
    run: async (_: null, { step, attempt }) => {
      const packed = step("pack", async () => {
        ran.push("pack");
        await gate.pass();
      });
      const charged = step("charge", () => {
        ran.push("charge");
        if (attempt === 1) throw new Error("no answer");
      });
      // By then the handler has failed.
      await Promise.all([packed, charged]).finally(() => setImmediate(() => gate.open()));
    },
  });
  const id = await enqueue(sql, order, null);
  const recorded = recordStatements(sql);
  await new Worker(recorded.sql, { tasks: [order], log: () => {} }).tick();
  const sent = recorded.takeNames();
  await runToEnd(sql, order);

  const append = expect.toBeOneOf(["appendEvent", "appendEvents"]);
  const end = expect.toBeOneOf(["endRun", "endRuns"]);
  expect(sent.slice(-3)).toEqual([append, append, end]);
  expect(ran).toEqual(["pack", "charge", "charge"]);
  expect(await row(sql, id)).toMatchObject({ status: "succeeded", attempt: 2 });
  expect(await log(sql, id)).toEqual([
    "2 charge failed: no answer",
    "1 pack succeeded",
    "2 charge reopened",
    "2 charge succeeded",
  ]);
});

test("a step that fails after the handler has failed is reopened, too", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const order = durableTask({
    name: "order",
    retry: AT_ONCE,
    run: async (_: null, { step, attempt }) => {
      const packed = step("pack", async () => {
        await gate.pass();
        if (attempt === 1) throw new Error("no box");
      });
      const charged = step("charge", () => {
        if (attempt === 1) throw new Error("no answer");
      });
      await Promise.all([packed, charged]).finally(() => gate.open());
    },
  });
  const id = await enqueue(sql, order, null);
  await runToEnd(sql, order);

  expect(await row(sql, id)).toMatchObject({ status: "succeeded", attempt: 2 });
  expect((await log(sql, id)).slice(0, 4)).toEqual([
    "2 charge failed: no answer",
    "1 pack failed: no box",
    "2 charge reopened",
    "1 pack reopened",
  ]);
});

test("a failure that was not built on is reopened, even if the worker was lost before the attempt ended", async () => {
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
      const charging = step("charge", () => {
        ran.push("charge");
        if (run < 3) throw new Error("no answer");
        return "charged";
      });
      if (run === 1) await charging.catch(() => gate.pass());
      return charging;
    },
  });
  const id = await enqueue(sql, order, null);
  const lost = await loseWorker(sql, order, gate);
  await runToEnd(sql, order);
  gate.open();
  await lost.ended;

  // The second run gets the failure from the log, fails, and reopens it.
  expect(runs).toBe(3);
  expect(ran).toEqual(["charge", "charge"]);
  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: "charged", attempt: 2 });
  expect(await log(sql, id)).toEqual([
    "1 charge failed: no answer",
    "1 charge reopened",
    "1 charge succeeded",
  ]);
});

test("a step that has used up its policy gets one attempt in each further attempt of its task", async () => {
  const { sql } = await freshDatabase();
  const ran: number[] = [];
  const call = durableTask({
    name: "call",
    retry: { maxAttempts: 3, ...AT_ONCE },
    run: (_: null, { step }) =>
      step(
        "call",
        ({ attempt }) => {
          ran.push(attempt);
          throw new Error(`no answer to call ${attempt}`);
        },
        { retry: { maxAttempts: 2, ...AT_ONCE } },
      ),
  });
  const id = await enqueue(sql, call, null);
  await runToEnd(sql, call);

  expect(ran).toEqual([1, 2, 3, 4]);
  expect(await row(sql, id)).toMatchObject({ status: "failed", attempt: 3 });
  expect(await log(sql, id)).toEqual([
    "1 call retried: no answer to call 1",
    "1 call failed: no answer to call 2",
    "1 call reopened",
    "1 call failed: no answer to call 3",
    "1 call reopened",
    "1 call failed: no answer to call 4",
    "1 call reopened",
  ]);
});

test("a cancelled task reopens nothing", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const order = durableTask({
    name: "order",
    retry: AT_ONCE,
    run: async (_: null, { step }) => {
      await step("charge", () => {
        throw new Error("no answer");
      }).finally(() => gate.pass());
    },
  });
  const id = await enqueue(sql, order, null);
  const ticking = new Worker(sql, { tasks: [order], log: () => {} }).tick();
  await gate.arrived(1);
  await cancel(sql, id);
  gate.open();
  await ticking;

  expect(await row(sql, id)).toMatchObject({ status: "cancelled", attempt: 1 });
  expect(await log(sql, id)).toEqual(["1 charge failed: no answer"]);
});

test("a failure whose reply comes later than that of the next event is reopened if it fails the attempt", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const failureAppended = new Gate();
  const order = durableTask({
    name: "order",
    retry: AT_ONCE,
    run: async (_: null, { step, attempt }) => {
      const charged = step("charge", () => {
        if (attempt === 1) throw new Error("no answer");
      });
      const packed = step("pack", () => failureAppended.pass()).then(() => step("label", () => {}));
      await Promise.all([charged, packed]);
    },
  });
  const id = await enqueue(sql, order, null);
  const appendOf = (step: string) =>
    ({ query: ["appendEvent", "appendEvents"], values: step, when: "after" }) as const;
  const delaying = stoppingAt(sql, appendOf("charge"), async () => {
    failureAppended.open();
    await gate.pass();
    // The reply of the other step has been delivered by then, if it can be before this one.
    await nextTurn();
  });
  const both = stoppingAt(delaying, appendOf("pack"), async () => gate.open());
  await runToEnd(both, order);

  expect(await row(sql, id)).toMatchObject({ status: "succeeded", attempt: 2 });
});
