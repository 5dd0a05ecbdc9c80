import { once } from "node:events";
import { nextMessage, tellParent } from "shared/processes";
import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";

// Runs a task that ends when the process is told to stop, and one that never ends, until it is stopped.
const { sql, ledger, engine } = await joinTest<typeof Engine>();
const told = once(process, "SIGTERM");
let running = 0;
const run = () => {
  running += 1;
  if (running === 2) ledger.write("both run");
};
const polite = engine.task({
  name: "polite",
  run: async () => {
    run();
    await told;
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
  // An engine that does not listen for signals leaves it to the program.
  worker.start();
  await told;
  await worker.stop();
}
process.exit(0);
