import { freshDatabase, moveTime, row } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

test("a handler that takes too long is told by its signal, and loses its slot even if it does not listen", async () => {
  const { sql } = await freshDatabase();
  const told: unknown[] = [];
  const hang = task({
    name: "hang",
    timeoutMs: 20,
    run: (_: null, context?: { signal: AbortSignal }) => {
      context?.signal.addEventListener("abort", () => told.push(context.signal.reason.name));
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

  expect(told).toEqual(["TimeoutError"]);
  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    error: { name: "TimeoutError", message: "The handler took longer than 20 ms" },
  });
});

test("a task that nobody starts in time fails, and the error says why", async () => {
  const { sql } = await freshDatabase();
  const unknown = task({ name: "unknown", startTimeoutMs: 60_000, run: () => {} });
  const id = await enqueue(sql, unknown, null);
  const worker = new Worker(sql, { tasks: [], log: () => {} });
  await worker.tick();
  const inTime = await row(sql, id);
  await moveTime(sql, { seconds: 60 });
  await worker.tick();

  expect(inTime).toMatchObject({ status: "queued" });
  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    error: {
      name: "StartTimeoutError",
      message:
        'Nobody started it within 60000 ms; is there a worker that knows "unknown", and has it room?',
    },
  });
});
