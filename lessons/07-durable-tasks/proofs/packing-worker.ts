import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";
import { packing } from "./packing.ts";

// Works until the order has ended, whatever befalls it on the way.
const { sql, ledger, engine } = await joinTest<typeof Engine>();
const { tasks } = packing(engine, sql, ledger);
const worker = new engine.Worker(sql, { tasks, log: () => {} });
while (!(await hasEnded())) await worker.tick().catch(() => {});
process.exit(0);

async function hasEnded(): Promise<boolean> {
  // Right after a restart there may be no answer.
  const orders = await sql`select status from tasks where name = 'order'`.catch(() => []);
  return (
    orders.length > 0 && orders.every(({ status }) => status === "succeeded" || status === "failed")
  );
}
