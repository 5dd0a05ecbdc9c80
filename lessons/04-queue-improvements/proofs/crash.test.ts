import { fileURLToPath } from "node:url";
import { freshDatabase, freshLedger, moveTime, row, startTestProcess } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

const LEASE = { seconds: 15 };

test("a crashed worker's task runs again on another worker", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const ledger = freshLedger();
  const render = task({ name: "render", run: ({ page }: { page: number }) => `page ${page}` });
  const id = await enqueue(sql, render, { page: 7 });
  const script = fileURLToPath(new URL("hanging-worker.ts", import.meta.url));
  const doomed = startTestProcess(script, database, ledger);
  await doomed.firstMessage;

  await doomed.kill();
  const another = new Worker(sql, { tasks: [render], log: () => {} });
  // Until the lease has expired, the worker may be alive.
  expect(await another.tick()).toBe(0);
  await moveTime(sql, LEASE);
  await another.tick();

  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: "page 7", attempt: 2 });
  await another.tick();
  expect(await sql`select name from workers`).toHaveLength(1);
});

test("a task that kills each of its workers fails after its last attempt, with an error that names the cause", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const ledger = freshLedger();
  const poison = task({ name: "poison", run: () => {} });
  const id = await enqueue(sql, poison, null);
  const script = fileURLToPath(new URL("poisoned-worker.ts", import.meta.url));

  for (let attempt = 1; attempt <= 3; attempt += 1) {
    expect(await startTestProcess(script, database, ledger).ended).toBe("SIGKILL");
    await moveTime(sql, LEASE);
  }
  // This worker ends the task without running it.
  expect(await startTestProcess(script, database, ledger).ended).toBe(0);

  expect(ledger.lines()).toEqual(["attempt 1", "attempt 2", "attempt 3"]);
  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    attempt: 3,
    error: { name: "WorkerLostError", message: expect.stringContaining("attempt 3 of 3") },
    errors: [{ attempt: 1 }, { attempt: 2 }, { attempt: 3 }],
  });
});

test("a worker that sends heartbeats keeps its tasks, however long they run", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const ledger = freshLedger();
  const wait = task({ name: "wait", run: () => {} });
  const id = await enqueue(sql, wait, null);
  const script = fileURLToPath(new URL("living-worker.ts", import.meta.url));
  const living = startTestProcess(script, database, ledger);
  await living.firstMessage;

  const another = new Worker(sql, { tasks: [wait], log: () => {} });
  const wasRenewed = () =>
    sql`select max(lease_expires_at - now()) > interval '14 seconds' as renewed from workers`.catch(
      () => [],
    );
  // 30 s are two leases; a heartbeat comes after each 10 s.
  for (let passed = 0; passed < 30; passed += 10) {
    await moveTime(sql, { seconds: 10 });
    await expect.poll(async () => (await wasRenewed())[0]?.renewed).toBe(true);
  }
  await another.tick();

  expect(await row(sql, id)).toMatchObject({ status: "running", attempt: 1 });
});
