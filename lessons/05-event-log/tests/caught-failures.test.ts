import { freshDatabase, Gate, log, postgresError, refusing, row } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, NonRetryableError, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";

test("a failure that is caught last of all stays what it was, even if the outcome gets lost", async () => {
  const { sql } = await freshDatabase();
  let runs = 0;
  const pay = durableTask({
    name: "pay",
    run: (_: null, { step }) =>
      step("charge the card", () => {
        runs += 1;
        if (runs === 1) throw new Error("declined");
        return "by card";
      }).catch(() => "by bill"),
  });
  const id = await enqueue(sql, pay, null);
  const forbidden = postgresError("42501", "permission denied");
  const refused = refusing(sql, ["succeedTask", "succeedTasks"], 1, forbidden);
  const worker = new Worker(refused, { tasks: [pay], log: () => {} });
  await expect(worker.tick()).rejects.toThrow("permission denied");
  await worker.tick();

  expect(runs).toBe(1);
  expect(await row(sql, id)).toMatchObject({ output: "by bill", attempt: 2 });
  expect(await log(sql, id)).toEqual([
    "1 charge the card failed: declined",
    "1 charge the card caught",
  ]);
});

test.each([
  ["an error", Error],
  ["a non-retryable error", NonRetryableError],
])(
  "%s of a step that the stop of its worker has disturbed counts for nothing",
  async (_, Thrown) => {
    const { sql } = await freshDatabase();
    const gate = new Gate();
    const pay = durableTask({
      name: "pay",
      run: (_: null, { step }) =>
        step("charge", async ({ signal }) => {
          await gate.pass();
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          throw new Thrown("no answer");
        }).catch(() => "declined"),
    });
    const id = await enqueue(sql, pay, null);
    const worker = new Worker(sql, { tasks: [pay], log: () => {} });
    worker.start();
    gate.open();
    await gate.arrived(1);
    await worker.stop({ deadlineMs: 0 });

    expect(await row(sql, id)).toMatchObject({ status: "queued", attempt: 1, output: null });
    expect(await log(sql, id)).toEqual([]);
  },
);
