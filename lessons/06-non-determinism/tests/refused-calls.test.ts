import { setTimeout as pause } from "node:timers/promises";
import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueueMany, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";

test("a call that is refused because the handler has failed does not settle that failure", async () => {
  const { sql } = await freshDatabase();
  const order = durableTask({
    name: "order",
    retry: { maxAttempts: 3, backoffMs: 0 },
    run: async (_: number, { step, attempt }) => {
      // Both end at the same moment, so that now the one is told first, now the other.
      const atOnce = pause(5);
      const failing = step("pack", async () => {
        await atOnce;
        if (attempt === 1) throw new Error("no box");
      });
      const going = step("print", () => atOnce).then(() => step("post", () => {}));
      await Promise.all([failing, going]);
    },
  });
  await enqueueMany(
    sql,
    order,
    Array.from({ length: 300 }, (_, input) => ({ input })),
  );
  const worker = new Worker(sql, { tasks: [order], slots: 50, log: () => {} });
  while ((await worker.tick()) > 0);

  const statuses = await sql`select status, count(*)::int as count from tasks group by status`;
  expect(statuses).toEqual([{ status: "succeeded", count: 300 }]);
});
