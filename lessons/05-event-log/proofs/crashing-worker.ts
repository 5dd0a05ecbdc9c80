import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";
import { transferOrder } from "./transfer-order.ts";

// Works until the order has ended, whatever befalls it on the way.
const { sql, ledger, engine } = await joinTest<typeof Engine>();
// In the middle of the order it shows that it is alive.
const order = transferOrder(engine, sql, ledger, () => worker.tick().catch(() => {}));
const worker = new engine.Worker(sql, { tasks: [order], log: () => {} });
while (!(await hasEnded())) await worker.tick().catch(() => {});
process.exit(0);

async function hasEnded(): Promise<boolean> {
  // Right after a restart there may be no answer.
  const unfinished = await sql`select from tasks where status in ('queued', 'running')`.catch(
    () => ["unknown"],
  );
  return unfinished.length === 0;
}
