import { freshDatabase, Gate, polledRow, row } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import * as engine from "#engine";
import { enqueue, task, Worker } from "#engine";

const silent = { log: () => {} };

test("a queued task that is cancelled ends at once, and never runs", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const work = task({ name: "work", run: (who: string) => void ran.push(who) });
  const id = await enqueue(sql, work, "cancelled");
  await enqueue(sql, work, "wanted");

  await engine.cancel?.(sql, id);
  const cancelled = await row(sql, id);
  await new Worker(sql, { tasks: [work], ...silent }).tick();

  expect(cancelled).toMatchObject({ status: "cancelled" });
  expect(ran).toEqual(["wanted"]);
});

test("the signal of a running task fires when it is cancelled, and the task ends cancelled", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const reasons: unknown[] = [];
  const work = task({
    name: "work",
    run: async (_: null, context?: { signal: AbortSignal }) => {
      await gate.pass();
      await new Promise<void>((resolve) => {
        if (!context) return resolve();
        context.signal.addEventListener("abort", () => resolve());
      });
      reasons.push(context?.signal.reason.name);
      return "this output is dropped";
    },
  });
  const id = await enqueue(sql, work, null);
  const worker = new Worker(sql, { tasks: [work], heartbeatIntervalMs: 20, ...silent });
  worker.start();
  onTestFinished(() => worker.stop());
  await gate.arrived(1);
  gate.open();
  await engine.cancel?.(sql, id);

  await expect.poll(polledRow(sql, id)).toMatchObject({ status: "cancelled" });
  expect(reasons).toEqual(["CancelledError"]);
});
