import { freshDatabase, moveTime } from "shared/testing";
import { expect, test } from "vitest";
import { cancel, enqueue, retry, task, Worker } from "#engine";
import { row } from "../proofs/row.ts";

test("a task that has used up its attempts gets one more, and repeats none of its steps", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  let isDown = true;
  const order = task({
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

test("only a failed task can be retried, and who asks for another is told how it stands", async () => {
  const { sql } = await freshDatabase();
  const greet = task({ name: "greet", run: () => "hello" });
  const queued = await enqueue(sql, greet, null);
  await expect(retry(sql, queued)).rejects.toThrow(
    `Task ${queued} is queued; only a failed task can be retried`,
  );
  await new Worker(sql, { tasks: [greet], log: () => {} }).tick();
  await expect(retry(sql, queued)).rejects.toThrow("is succeeded; only a failed task");
  const cancelled = await enqueue(sql, greet, null);
  await cancel(sql, cancelled);
  await expect(retry(sql, cancelled)).rejects.toThrow("is cancelled; only a failed task");
  await expect(retry(sql, "999")).rejects.toThrow("There is no task 999");
});

test("a task that nobody had started in time is started when it is retried", async () => {
  const { sql } = await freshDatabase();
  const greet = task({ name: "greet", startTimeoutMs: 1_000, run: () => "hello" });
  const id = await enqueue(sql, greet, null);
  await moveTime(sql, { seconds: 2 });
  const worker = new Worker(sql, { tasks: [greet], log: () => {} });
  await worker.tick();
  expect(await row(sql, id)).toMatchObject({ error: { name: "StartTimeoutError" } });

  await retry(sql, id);
  await worker.tick();
  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: "hello" });
});
