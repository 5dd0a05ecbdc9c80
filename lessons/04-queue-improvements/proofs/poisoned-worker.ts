import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";

// Runs a task that kills the process it runs in.
const { sql, ledger, engine } = await joinTest<typeof Engine>();
const poison = engine.task({
  name: "poison",
  run: (_: null, context?: { attempt: number }) => {
    ledger.write(`attempt ${context?.attempt}`);
    process.kill(process.pid, "SIGKILL");
    return new Promise<void>(() => {});
  },
});
await new engine.Worker(sql, { tasks: [poison], log: () => {} }).tick();
process.exit(0);
