import { freshDatabase, row } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, retry, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";

test("a task that has used up its attempts gets one more, and repeats none of its steps", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  let isDown = true;
  const order = durableTask({
    name: "order",
    run: async (_: null, { step }) => {
      await step("reserve", () => void ran.push("reserve"));
      return step("charge", () => {
        ran.push("charge");
        if (isDown) throw new Error("no answer");
        return "charged";
      });
    },
  });
  const id = await enqueue(sql, order, null);
  const worker = new Worker(sql, { tasks: [order], log: () => {} });
  await sql`update tasks set max_attempts = 1`;
  await worker.tick();
  isDown = false;
  await retry(sql, id);
  await worker.tick();

  expect(ran).toEqual(["reserve", "charge", "charge"]);
  expect(await row(sql, id)).toMatchObject({
    status: "succeeded",
    output: "charged",
    error: null,
    attempt: 2,
    maxAttempts: 2,
  });
});

test("a task that has not ended, or has succeeded, cannot be retried, and the error names its status", async () => {
  const { sql } = await freshDatabase();
  const greet = durableTask({ name: "greet", run: () => "hello" });
  const id = await enqueue(sql, greet, null);
  const refused = (status: string) =>
    expect(retry(sql, id)).rejects.toThrow(
      new RegExp(`Task ${id} is ${status}; only a failed .*task can be retried`),
    );
  await refused("queued");
  await new Worker(sql, { tasks: [greet], log: () => {} }).tick();
  await refused("succeeded");
  await expect(retry(sql, "999")).rejects.toThrow("There is no task 999");
});
