import { tellParent } from "shared/processes";
import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";

// A started worker that runs a task until its signal fires, and then a second task.
const { sql, ledger, engine } = await joinTest<typeof Engine>();
const wait = engine.task({
  name: "wait",
  run: async (_: null, context?: { signal: AbortSignal }) => {
    tellParent("claimed");
    await new Promise((resolve) => context?.signal.addEventListener("abort", resolve));
    ledger.write(`stopped: ${context?.signal.reason.name}`);
    return "too late";
  },
});
const again = engine.task({ name: "again", run: () => "by the same process" });
const options = { heartbeatIntervalMs: 50, pollIntervalMs: 20, slots: 1, log: () => {} };
new engine.Worker(sql, { tasks: [wait, again], ...options }).start();
