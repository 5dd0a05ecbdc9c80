import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";
import { packing } from "./packing.ts";

// Works until the order has ended, through all crashes of Postgres and cut connections.
const { sql, ledger, engine } = await joinTest<typeof Engine>();
const { tasks } = packing(engine, sql, ledger);
// With a shorter lease it would not wait at its stop point: a reply that takes a quarter of the lease counts as lost.
const worker = new engine.Worker(sql, { tasks, leaseMs: 3_600_000, log: () => {} });
while (!(await hasEnded())) await worker.tick().catch(() => {});
process.exit(0);

async function hasEnded(): Promise<boolean> {
  // Right after a restart the query may fail.
  const orders = await sql`select status from tasks where name = 'order'`.catch(() => []);
  return (
    orders.length > 0 && orders.every(({ status }) => status === "succeeded" || status === "failed")
  );
}
