import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";

// A worker that runs a task that kills its process.
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
