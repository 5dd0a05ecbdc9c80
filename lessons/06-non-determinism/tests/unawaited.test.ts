import { setImmediate as turn } from "node:timers/promises";
import { freshDatabase } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, type TaskContext, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";

test("a call that is refused and that nobody awaits crashes nobody, whatever its kind", async () => {
  const { sql } = await freshDatabase();
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  const forget = (context: TaskContext) => {
    context.step("forgotten", () => {
      throw new Error("nobody sees it");
    });
    context.transaction("forgotten", () => {});
    context.now();
    context.random();
    context.uuid();
    context.patched("forgotten");
  };
  let kept: TaskContext | undefined;
  const forgetful = durableTask({
    name: "forgetful",
    run: (_: null, context) => {
      kept = context;
      forget(context);
    },
  });
  await enqueue(sql, forgetful, null);
  await new Worker(sql, { tasks: [forgetful], log: () => {} }).tick();
  forget(kept as TaskContext);
  await turn();

  expect(unhandled).toEqual([]);
});
