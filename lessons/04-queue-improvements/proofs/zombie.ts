import { nextMessage, tellParent } from "shared/processes";
import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";

// A worker that claims a task, reports it, and ends it on request, with an output or an error.
const { sql, engine } = await joinTest<typeof Engine>();
const charge = engine.task({
  name: "charge",
  run: async (how: string) => {
    const goOn = nextMessage();
    tellParent("claimed");
    await goOn;
    if (how === "fails") throw new Error("by the zombie");
    return "by the zombie";
  },
});
await new engine.Worker(sql, { tasks: [charge], log: () => {} }).tick();
process.exit(0);
