import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, result, type TaskContext, task, Worker } from "#engine";

/** Returns a `step` that returns what its function returned if it has run it, and the stored value otherwise. */
function rawStep({ step }: TaskContext) {
  return async <T>(name: string, run: () => T): Promise<T> => {
    let returned: { value: T } | undefined;
    const stored = await step(name, () => {
      returned = { value: run() };
      return returned.value;
    });
    return returned ? returned.value : (stored as T);
  };
}

test.each([
  ["succeeds on its first run", 0, { status: "succeeded", output: 0 }],
  [
    "fails on its second",
    1,
    { status: "failed", error: { message: "at.getTime is not a function" } },
  ],
])("with raw values, a handler that uses a date %s", async (_, failures, expected) => {
  const { sql } = await freshDatabase();
  const age = task({
    name: "age",
    retry: { maxAttempts: 2, backoffMs: 0 },
    run: async (_: null, context) => {
      const at = await rawStep(context)("birth", () => new Date(0));
      // Like a crash, it makes the handler run again.
      if (context.attempt <= failures) throw new Error("after the step");
      return at.getTime();
    },
  });
  const id = await enqueue(sql, age, null);
  const worker = new Worker(sql, { tasks: [age], log: () => {} });
  while ((await worker.tick()) > 0);

  expect(await result(sql, id)).toMatchObject(expected);
});
