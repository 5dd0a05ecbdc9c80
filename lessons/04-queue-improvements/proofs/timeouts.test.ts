import { freshDatabase, row } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

test("the signal of a handler fires at its timeout, and the handler loses its slot even if it ignores the signal", async () => {
  const { sql } = await freshDatabase();
  const reasons: unknown[] = [];
  const hang = task({
    name: "hang",
    timeoutMs: 20,
    run: (_: null, context?: { signal: AbortSignal }) => {
      context?.signal.addEventListener("abort", () => reasons.push(context.signal.reason.name));
      return new Promise<void>(() => {});
    },
  });
  const ran: string[] = [];
  const next = task({ name: "next", run: () => void ran.push("next") });
  const id = await enqueue(sql, hang, null);
  await enqueue(sql, next, null);

  const options = { tasks: [hang, next], slots: 1, graceMs: 10, log: () => {} };
  const worker = new Worker(sql, options);
  worker.start();
  onTestFinished(() => void worker.stop());
  await expect.poll(() => ran).toEqual(["next"]);

  expect(reasons).toEqual(["TimeoutError"]);
  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    error: { name: "TimeoutError", message: "The handler ran for longer than 20 ms" },
  });
});
