import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, result, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";

test("an output of fifteen megabytes is kept, and its step does not run again", async () => {
  const { sql } = await freshDatabase();
  let runs = 0;
  const render = durableTask({
    name: "render",
    retry: { maxAttempts: 3, backoffMs: 0 },
    run: async (_: null, { step }) => {
      const text = await step("render", () => {
        runs += 1;
        return '"'.repeat(7_000_000);
      });
      return text.length;
    },
  });
  const id = await enqueue(sql, render, null);
  await new Worker(sql, { tasks: [render], log: () => {} }).tick();

  expect(runs).toBe(1);
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: 7_000_000 });
});
