import { once } from "node:events";
import { nextMessage, tellParent } from "shared/processes";
import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";

// A worker that runs a task that ends when the process gets SIGTERM, and one that never ends.
const { sql, ledger, engine } = await joinTest<typeof Engine>();
const terminated = once(process, "SIGTERM");
let running = 0;
const run = () => {
  running += 1;
  if (running === 2) ledger.write("both run");
};
const polite = engine.task({
  name: "polite",
  run: async () => {
    run();
    await terminated;
    ledger.write("stopping");
    return "ended in time";
  },
});
const stubborn = engine.task({
  name: "stubborn",
  run: () => {
    run();
    return new Promise<void>(() => {});
  },
});
const message = nextMessage();
tellParent("ready");
const deadlineMs = Number(await message);

const options = { tasks: [polite, stubborn], graceMs: 20, log: () => {} };
const worker = new engine.Worker(sql, options);
if (engine.runUntilSignal) {
  await engine.runUntilSignal(worker, { deadlineMs });
} else {
  // An engine without `runUntilSignal`.
  worker.start();
  await terminated;
  await worker.stop();
}
process.exit(0);
