import { tellParent } from "shared/processes";
import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";

// Claims a task, reports that, and never finishes it.
const { sql, engine } = await joinTest<typeof Engine>();
const count = engine.task({
  name: "count",
  run: () => {
    tellParent("claimed");
    return new Promise<void>(() => {});
  },
});
await new engine.Worker(sql, { tasks: [count] }).tick();
