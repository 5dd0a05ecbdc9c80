import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";
import { transferOrder } from "./transfer-order.ts";

// A worker that runs an order, and goes on after every error, until the order has ended.
const { sql, ledger, engine } = await joinTest<typeof Engine>();
// The last step of the order sends a heartbeat.
const order = transferOrder(engine, sql, ledger, () => worker.tick().catch(() => {}));
// With a shorter lease it would not wait at its stop point: a reply that takes a quarter of the lease counts as lost.
const worker = new engine.Worker(sql, { tasks: [order], leaseMs: 3_600_000, log: () => {} });
while (!(await hasEnded())) await worker.tick().catch(() => {});
process.exit(0);

async function hasEnded(): Promise<boolean> {
  // While Postgres restarts, the query fails.
  const unfinished = await sql`select from tasks where status in ('queued', 'running')`.catch(
    () => ["unknown"],
  );
  return unfinished.length === 0;
}
