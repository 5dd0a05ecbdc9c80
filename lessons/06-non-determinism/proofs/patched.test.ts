import { freshDatabase, log, row } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, type TaskContext, Worker } from "#engine";
import { durableTask } from "./durable-task.ts";

const AT_ONCE = { maxAttempts: 5, backoffMs: 0 };

test("a patch keeps an old task on the old path, and sends a new task down the new path", async () => {
  const { sql } = await freshDatabase();
  const v1 = durableTask({
    name: "order",
    retry: AT_ONCE,
    run: async (_: null, { step }) => {
      await step("reserve", () => {});
      await step("ship by truck", () => {});
      throw new Error("halfway");
    },
  });
  const v2 = durableTask({
    name: "order",
    retry: AT_ONCE,
    run: async (_: null, context) => {
      const { step, attempt } = context;
      await step("reserve", () => {});
      const isNew = await patched(context)("by train");
      if (isNew) await step("ship by train", () => {});
      else await step("ship by truck", () => {});
      // Each task needs one more attempt, so that the answer is read from its log once.
      if (attempt % 2 === (isNew ? 1 : 0)) throw new Error("again");
      return isNew;
    },
  });
  const old = await enqueue(sql, v1, null);
  await new Worker(sql, { tasks: [v1], log: () => {} }).tick();
  const recent = await enqueue(sql, v2, null);
  const worker = new Worker(sql, { tasks: [v2], log: () => {} });
  while ((await worker.tick()) > 0);

  expect(await row(sql, old)).toMatchObject({ status: "succeeded", output: false, attempt: 3 });
  expect(await row(sql, recent)).toMatchObject({ status: "succeeded", output: true, attempt: 2 });
  expect(await log(sql, old)).toEqual(["1 reserve succeeded", "2 ship by truck succeeded"]);
  expect(await log(sql, recent)).toEqual([
    "1 reserve succeeded",
    "2 by train succeeded",
    "3 ship by train succeeded",
  ]);
});

test("an old task that has not reached the patch yet takes the new path", async () => {
  const { sql } = await freshDatabase();
  const v1 = durableTask({
    name: "order",
    retry: AT_ONCE,
    run: async (_: null, { step }) => {
      await step("reserve", () => {});
      throw new Error("halfway");
    },
  });
  const v2 = durableTask({
    name: "order",
    retry: AT_ONCE,
    run: async (_: null, context) => {
      await context.step("reserve", () => {});
      return patched(context)("by train");
    },
  });
  const id = await enqueue(sql, v1, null);
  await new Worker(sql, { tasks: [v1], log: () => {} }).tick();
  await new Worker(sql, { tasks: [v2], log: () => {} }).tick();

  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: true });
  expect(await log(sql, id)).toEqual(["1 reserve succeeded", "2 by train succeeded"]);
});

test("a patch has one answer for a whole task, however often it is called", async () => {
  const { sql } = await freshDatabase();
  const shipTwice = (isPatched: boolean) =>
    durableTask({
      name: "order",
      retry: AT_ONCE,
      run: async (_: null, context) => {
        const answers: boolean[] = [];
        for (let parcel = 1; parcel <= 3; parcel += 1) {
          if (isPatched) answers.push(await patched(context)("by train"));
          await context.step(`ship ${parcel}`, () => {});
          if (parcel === 2 && !isPatched) throw new Error("halfway");
        }
        return answers;
      },
    });
  const [v1, v2] = [shipTwice(false), shipTwice(true)];
  const old = await enqueue(sql, v1, null);
  await new Worker(sql, { tasks: [v1], log: () => {} }).tick();
  const recent = await enqueue(sql, v2, null);
  await new Worker(sql, { tasks: [v2], log: () => {} }).tick();

  expect(await row(sql, old)).toMatchObject({ output: [false, false, false] });
  expect(await row(sql, recent)).toMatchObject({ output: [true, true, true] });
  expect(await log(sql, recent)).toEqual([
    "1 by train succeeded",
    "2 ship 1 succeeded",
    "3 ship 2 succeeded",
    "4 ship 3 succeeded",
  ]);
});

test("a patch that is deleted too early fails the tasks that have it in their log", async () => {
  const { sql } = await freshDatabase();
  const order = (isPatched: boolean) =>
    durableTask({
      name: "order",
      retry: AT_ONCE,
      run: async (_: null, context) => {
        if (isPatched) await patched(context)("by train");
        await context.step("ship by train", () => {});
        if (isPatched) throw new Error("halfway");
      },
    });
  const [v2, v3] = [order(true), order(false)];
  const id = await enqueue(sql, v2, null);
  await new Worker(sql, { tasks: [v2], log: () => {} }).tick();
  await new Worker(sql, { tasks: [v3], log: () => {} }).tick();

  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    error: { message: expect.stringContaining('call 1 was patched "by train"') },
  });
});

/** An engine without patches runs the new code for all tasks. */
function patched(context: TaskContext): TaskContext["patched"] {
  return (context as Partial<TaskContext>).patched ?? (async () => true);
}
