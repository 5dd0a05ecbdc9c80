import { setImmediate as turn } from "node:timers/promises";
import { freshDatabase, log, row } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, type TaskContext, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";
import { unhandledRejections } from "./runs.ts";

function callAll(context: TaskContext): void {
  context.step("forgotten", () => {
    throw new Error("never seen");
  });
  context.transaction("forgotten", () => {});
  context.now();
  context.random();
  context.uuid();
  context.patched("forgotten");
}

test("a call of any kind that is made too late and never awaited causes no unhandled rejection", async () => {
  const { sql } = await freshDatabase();
  const unhandled = unhandledRejections();
  let kept: TaskContext | undefined;
  const forgetful = durableTask({
    name: "forgetful",
    run: (_: null, context) => {
      kept = context;
      callAll(context);
    },
  });
  await enqueue(sql, forgetful, null);
  await new Worker(sql, { tasks: [forgetful], log: () => {} }).tick();
  callAll(kept as TaskContext);
  await turn();

  expect(unhandled).toEqual([]);
});

test("calls of any kind that are made within a step and never awaited change nothing for the step", async () => {
  const { sql } = await freshDatabase();
  const unhandled = unhandledRejections();
  const forgetful = durableTask({
    name: "forgetful",
    run: async (_: null, context) => {
      const succeeded = await context.step("succeed", () => {
        callAll(context);
        return "an output";
      });
      const failed = await context
        .step("fail", () => {
          callAll(context);
          throw new Error("an error of its own");
        })
        .catch((error) => error.message);
      return [succeeded, failed, await context.patched("forgotten")];
    },
  });
  const id = await enqueue(sql, forgetful, null);
  await new Worker(sql, { tasks: [forgetful], log: () => {} }).tick();
  await turn();

  expect(await row(sql, id)).toMatchObject({
    status: "succeeded",
    output: ["an output", 'Step "fail" failed: an error of its own', true],
  });
  // The refused calls take no position.
  expect(await log(sql, id)).toEqual([
    "1 succeed succeeded",
    "2 fail failed: an error of its own",
    "3 forgotten succeeded",
  ]);
  expect(unhandled).toEqual([]);
});
