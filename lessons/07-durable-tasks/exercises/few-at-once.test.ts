import { setTimeout as pause } from "node:timers/promises";
import { freshDatabase, polledRow } from "shared/testing";
import { expect, test } from "vitest";
import { durableTask, enqueue, setConcurrencyLimit, task } from "#engine";
import { startWorking } from "../proofs/working.ts";

test("two children of each parent run at once, and two parents do not wait for each other", async () => {
  const { sql } = await freshDatabase();
  const running = new Map<string, number>();
  const most = { ofOne: 0, ofAll: 0 };
  const pack = task({
    name: "pack",
    run: async ({ order, box }: { order: string; box: number }) => {
      running.set(order, (running.get(order) ?? 0) + 1);
      const counts = [...running.values()];
      most.ofOne = Math.max(most.ofOne, ...counts);
      most.ofAll = Math.max(
        most.ofAll,
        counts.reduce((sum, count) => sum + count),
      );
      await pause(100);
      running.set(order, (running.get(order) ?? 0) - 1);
      return box;
    },
  });
  const order = durableTask({
    name: "order",
    run: async (boxes: number[], { taskId, step, run }) => {
      const concurrencyKey = `order/${taskId}`;
      await step("two at once", () => setConcurrencyLimit(sql, concurrencyKey, 2));
      return Promise.all(boxes.map((box) => run(pack, { order: taskId, box }, { concurrencyKey })));
    },
  });
  const boxes = [1, 2, 3, 4, 5, 6];
  const ids = [await enqueue(sql, order, boxes), await enqueue(sql, order, boxes)];
  startWorking(sql, { tasks: [order, pack], slots: 10 });

  for (const id of ids) {
    await expect.poll(polledRow(sql, id)).toMatchObject({ output: boxes });
  }
  expect(most.ofOne).toBe(2);
  expect(most.ofAll).toBeGreaterThan(2);
});

test("without the step that sets the limit, the child cannot be started, and its call says so", async () => {
  const { sql } = await freshDatabase();
  const pack = task({ name: "pack", run: () => {} });
  const order = durableTask({
    name: "order",
    run: (_: null, { run }) => run(pack, undefined, { concurrencyKey: "order/1" }),
  });
  const id = await enqueue(sql, order, null);
  startWorking(sql, { tasks: [order, pack] });

  await expect.poll(polledRow(sql, id)).toMatchObject({
    status: "failed",
    error: {
      name: "ChildFailedError",
      message: expect.stringContaining("could not be started"),
      cause: { name: "UnknownConcurrencyKeyError" },
    },
  });
});
