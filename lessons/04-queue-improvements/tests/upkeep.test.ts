import type { Sql } from "shared/database";
import { freshDatabase, Gate } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

test("a claim that failed is followed by a heartbeat, not by another claim, however soon the worker is woken", async () => {
  const { sql } = await freshDatabase();
  const gates = { first: new Gate(), second: new Gate() };
  const wait = task({ name: "wait", run: (gate: "first" | "second") => gates[gate].pass() });
  await enqueue(sql, wait, "first");
  const second = await enqueue(sql, wait, "second");
  const times = { pollIntervalMs: 60_000, heartbeatIntervalMs: 60_000, leaseMs: 120_000 };
  const worker = new Worker(sql, { tasks: [wait], slots: 2, log: () => {}, ...times });
  worker.start();
  await Promise.all([gates.first.arrived(1), gates.second.arrived(1)]);

  onTestFinished(() => worker.stop());
  const lock = await sql.reserve();
  onTestFinished(async () => {
    await lock`rollback`;
    lock.release();
  });
  await lock`begin`;
  await lock`lock table concurrency_limits`;
  gates.first.open();
  await expect.poll(() => waitingClaim(sql)).toBeDefined();
  gates.second.open();
  const status = async () => (await sql`select status from tasks where id = ${second}`)[0]?.status;
  await expect.poll(status).toBe("succeeded");
  const before = await waitingClaim(sql);
  await sql`select pg_cancel_backend(${before?.pid})`;
  const next = async () => {
    const claim = await waitingClaim(sql);
    return claim?.sentAt === before?.sentAt ? undefined : claim;
  };
  await expect.poll(next).toBeDefined();
  const after = await next();
  expect(after?.leaseEndsAt > before?.leaseEndsAt).toBe(true);
});

/** The claim that waits for the lock, and what the worker's lease is meanwhile. */
async function waitingClaim(sql: Sql) {
  const [claim] = await sql`
    select pid, query_start::text as sent_at, (select lease_ends_at::text from workers)
    from pg_locks
    join pg_stat_activity using (pid)
    where relation = 'concurrency_limits'::regclass
      and not granted`;
  return claim;
}
