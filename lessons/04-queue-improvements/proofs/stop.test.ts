import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Sql } from "shared/database";
import type { Ledger, StartedProcess } from "shared/processes";
import { freshDatabase, freshLedger, moveTime, row, startTestProcess } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

const polite = task({ name: "polite", run: () => "ran elsewhere" });
const stubborn = task({ name: "stubborn", run: () => "ran elsewhere" });

test("on SIGTERM, running tasks have until the deadline to finish, and the rest return to the queue", async () => {
  const { sql, process, politeId, stubbornId } = await runningBoth({ deadlineMs: 200 });

  process.signal("SIGTERM");
  // The polite task ends when its process gets the signal. The stubborn one never ends.
  const ended = await Promise.race([process.ended, pause(10_000, "still running")]);
  expect(ended).toBe(0);

  expect(await row(sql, politeId)).toMatchObject({ status: "succeeded", output: "ended in time" });
  expect(await row(sql, stubbornId)).toMatchObject({ status: "queued", attempt: 1, errors: null });
  expect(await sql`select from workers`).toHaveLength(0);
  // No lease has to expire first.
  await new Worker(sql, { tasks: [stubborn], log: () => {} }).tick();
  expect(await row(sql, stubbornId)).toMatchObject({ output: "ran elsewhere", attempt: 1 });
});

test("a second signal ends the process at once, and its tasks run again elsewhere", async () => {
  const { sql, process, ledger, stubbornId } = await runningBoth({ deadlineMs: 60_000 });

  process.signal("SIGTERM");
  await expect.poll(() => ledger.lines()).toContain("stopping");
  process.signal("SIGTERM");
  expect(await Promise.race([process.ended, pause(10_000, "still running")])).toBe(1);

  await moveTime(sql, { seconds: 15 });
  const another = new Worker(sql, { tasks: [polite, stubborn], log: () => {} });
  while ((await another.tick()) > 0);
  expect(await row(sql, stubbornId)).toMatchObject({ output: "ran elsewhere", attempt: 2 });
});

/** Starts a process that runs both tasks, and stops with this deadline. */
async function runningBoth({ deadlineMs }: { deadlineMs: number }): Promise<{
  sql: Sql;
  process: StartedProcess;
  ledger: Ledger;
  politeId: string;
  stubbornId: string;
}> {
  const database = await freshDatabase();
  const { sql } = database;
  const ledger = freshLedger();
  const politeId = await enqueue(sql, polite, null);
  const stubbornId = await enqueue(sql, stubborn, null);
  const script = fileURLToPath(new URL("stopping-worker.ts", import.meta.url));
  const process = startTestProcess(script, database, ledger);
  await process.firstMessage;
  process.send(String(deadlineMs));
  await expect.poll(() => ledger.lines()).toContain("both run");
  return { sql, process, ledger, politeId, stubbornId };
}
