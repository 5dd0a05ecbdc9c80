import { fileURLToPath } from "node:url";
import { freshDatabase, freshLedger, startTestProcess } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

test("a task whose worker was killed can be claimed again", async () => {
  const database = await freshDatabase();
  const ledger = freshLedger();
  const ran: number[] = [];
  const count = task({ name: "count", run: ({ n }: { n: number }) => void ran.push(n) });
  await enqueue(database.sql, count, { n: 1 });
  const worker = new Worker(database.sql, { tasks: [count] });

  const script = fileURLToPath(new URL("endless-worker.ts", import.meta.url));
  const doomed = startTestProcess(script, database, ledger);
  await doomed.firstMessage;
  expect(await worker.tick()).toBe(0);

  await doomed.kill();
  // Postgres notices that the connection is closed, rolls the transaction back and releases the lock.
  await expect.poll(() => worker.tick()).toBe(1);
  expect(ran).toEqual([1]);
});
