import { untilWaiting } from "shared/database";
import { freshDatabase, slowToRead } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, setConcurrencyLimit, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";

test("a claim that looked before an event was written sees it all the same", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const ran: string[] = [];
  let isHalfWay = () => {};
  const halfWay = new Promise<void>((resolve) => {
    isHalfWay = resolve;
  });
  const order = durableTask({
    name: "order",
    run: async (_: null, { step }) => {
      await step("charge", () => ran.push("charge"));
      await step("ship", ({ signal }) => {
        ran.push("ship");
        if (ran.length > 2) return;
        isHalfWay();
        return new Promise((_, reject) => signal.addEventListener("abort", reject));
      });
    },
  });
  await setConcurrencyLimit(sql, "shop", 1);
  const id = await enqueue(sql, order, null, { concurrencyKey: "shop" });

  const slow = await slowToRead(database, "concurrency_limits");
  const late = new Worker(slow.sql, { tasks: [order], log: () => {} }).tick();
  // It has taken its snapshot, and has not locked the task yet.
  await untilWaiting(sql, slow.pid);
  // Without another slot none of its claims is on its way when it stops, which could get the task once more.
  const first = new Worker(sql, { tasks: [order], slots: 1, log: () => {} });
  first.start();
  await halfWay;
  // Puts the task back as it was, but for what has happened in it.
  await first.stop({ deadlineMs: 0 });
  await slow.goOn();
  await late;

  expect(ran).toEqual(["charge", "ship", "ship"]);
  const [row] = await sql`select status, fence, attempt from tasks where id = ${id}`;
  expect(row).toEqual({ status: "succeeded", fence: 2, attempt: 1 });
});
