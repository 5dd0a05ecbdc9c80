import { nextMessage, tellParent } from "shared/processes";
import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";

// Claims a task, says so, and ends it when it is told to: with an output or an error, as the input says.
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
