import path from "node:path";
import { fileURLToPath } from "node:url";
import { transaction } from "shared/database";
import { freshDatabase, freshLedger, lessonUnderTest, startTestProcess } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, task } from "#engine";

// Other lessons repeat the proof with fewer tasks.
const TASKS = path.basename(lessonUnderTest()).startsWith("02") ? 10_000 : 2_000;
const WORKERS = 4;

test("every task is handed to exactly one worker", async () => {
  const database = await freshDatabase();
  const ledger = freshLedger();
  const count = task({ name: "count", run: (_: { n: number }) => {} });
  await transaction(database.sql, async (tx) => {
    for (let n = 0; n < TASKS; n += 1) await enqueue(tx, count, { n });
  });

  const script = fileURLToPath(new URL("counting-worker.ts", import.meta.url));
  const workers = Array.from({ length: WORKERS }, () => startTestProcess(script, database, ledger));
  // Each reports its first claim and then waits, so that all four have claimed tasks at the same time.
  await Promise.all(workers.map((worker) => worker.firstMessage));
  for (const worker of workers) worker.send("go on");
  expect(await Promise.all(workers.map((worker) => worker.ended))).toEqual([0, 0, 0, 0]);

  const runs = [...ledger.counts().values()];
  expect({
    once: runs.filter((times) => times === 1).length,
    moreThanOnce: runs.filter((times) => times > 1).length,
  }).toEqual({ once: TASKS, moreThanOnce: 0 });
});
