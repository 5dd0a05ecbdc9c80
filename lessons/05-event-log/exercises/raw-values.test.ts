import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, result, type TaskContext, task, Worker } from "#engine";

/** A step that returns what its function returned, if it has run; what was stored, if not. */
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
  ["works without a crash", 0, { status: "succeeded", output: 0 }],
  ["fails after one", 1, { status: "failed", error: { message: "at.getTime is not a function" } }],
])("a program that is given raw values %s", async (_, crashes, expected) => {
  const { sql } = await freshDatabase();
  const age = task({
    name: "age",
    retry: { maxAttempts: 2, backoffMs: 0 },
    run: async (_: null, context) => {
      const at = await rawStep(context)("birth", () => new Date(0));
      if (context.attempt <= crashes) throw new Error("as a crash would");
      return at.getTime();
    },
  });
  const id = await enqueue(sql, age, null);
  const worker = new Worker(sql, { tasks: [age], log: () => {} });
  while ((await worker.tick()) > 0);

  expect(await result(sql, id)).toMatchObject(expected);
});
