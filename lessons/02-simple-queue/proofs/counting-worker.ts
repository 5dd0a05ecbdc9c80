import { nextMessage, tellParent } from "shared/processes";
import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";

// Runs tasks until there are none, and writes each into the ledger first. Every hundredth handler throws. A worker
// whose claim keeps failing gives up after 20 times.
const { sql, ledger, engine } = await joinTest<typeof Engine>();
let first = true;
const count = engine.task({
  name: "count",
  run: async ({ n }: { n: number }) => {
    ledger.write(`task ${n}`);
    if (first) {
      first = false;
      const goOn = nextMessage();
      tellParent("claimed");
      await goOn;
    }
    if (n % 100 === 0) throw new Error(`task ${n} fails`);
  },
});
const worker = new engine.Worker(sql, { tasks: [count], log: () => {} });

for (let refused = 0; refused < 20; ) {
  const ran = await worker.tick().catch(() => {
    refused += 1;
    return 1;
  });
  if (ran === 0) break;
}
process.exit(0);
