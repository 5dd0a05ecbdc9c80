import { setTimeout as pause } from "node:timers/promises";
import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueueMany, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";

test("a call that is made after the handler has failed does not make the failure final", async () => {
  const { sql } = await freshDatabase();
  const order = durableTask({
    name: "order",
    retry: { maxAttempts: 3, backoffMs: 0 },
    run: async (_: number, { step, attempt }) => {
      // Both steps end at the same moment, so sometimes the one is settled first, sometimes the other.
      const sameMoment = pause(5);
      const packed = step("pack", async () => {
        await sameMoment;
        if (attempt === 1) throw new Error("no box");
      });
      const posted = step("print", () => sameMoment).then(() => step("post", () => {}));
      await Promise.all([packed, posted]);
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
