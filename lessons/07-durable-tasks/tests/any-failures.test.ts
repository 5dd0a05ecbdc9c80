import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { durableTask, enqueue, NonRetryableError, result, task } from "#engine";
import { oneSlot } from "./still-works.ts";

const RETRY = { maxAttempts: 2, backoffMs: 0 };

const fails = task({
  name: "fails",
  run: () => {
    throw new Error("out of paper");
  },
});
const failsForGood = task({
  name: "fails for good",
  run: () => {
    throw new NonRetryableError("no such printer");
  },
});

test.each([
  { reasons: "a retryable one", isStepFinal: false, child: failsForGood, attempts: 2 },
  { reasons: "a retryable one of a child", isStepFinal: true, child: fails, attempts: 2 },
  { reasons: "only non-retryable ones", isStepFinal: true, child: failsForGood, attempts: 1 },
])(
  "Promise.any over failures, $reasons, fails with their reasons after $attempts attempts",
  async ({ isStepFinal, child, attempts }) => {
    const { sql } = await freshDatabase();
    const print = durableTask({
      name: "print",
      retry: RETRY,
      run: (_: null, { run, step }) =>
        Promise.any([
          step("here", () => {
            throw isStepFinal ? new NonRetryableError("burnt") : new Error("jammed");
          }),
          run(child, undefined),
        ]),
    });
    const id = await enqueue(sql, print, null);
    const { tickAll, stillWorks } = oneSlot(sql, [print, fails, failsForGood]);
    await tickAll();

    const [row] = await sql`select attempt, open_children from tasks where id = ${id}`;
    expect(row).toEqual({ attempt: attempts, openChildren: 0 });
    const step = `Step "here" failed: ${isStepFinal ? "burnt" : "jammed"}`;
    const childReason = new RegExp(`Task \\d+ "${child.name}" failed after \\d attempts?: `);
    const outcome = await result(sql, id);
    expect(outcome).toMatchObject({
      status: "failed",
      error: {
        name: "AggregateError",
        message: expect.stringContaining(step),
      },
    });
    expect(outcome).toMatchObject({ error: { message: expect.stringMatching(childReason) } });
    await stillWorks();
  },
);

test("Promise.any takes the first success although other calls have failed for good", async () => {
  const { sql } = await freshDatabase();
  const works = task({ name: "works", run: () => "printed" });
  const print = durableTask({
    name: "print",
    run: (_: null, { run }) =>
      Promise.any([run(failsForGood, undefined), run(fails, undefined), run(works, undefined)]),
  });
  const id = await enqueue(sql, print, null);
  const { tickAll } = oneSlot(sql, [print, fails, failsForGood, works]);
  await tickAll();

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: "printed" });
});
