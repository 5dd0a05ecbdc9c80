import { tellParent } from "shared/processes";
import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";

// Claims a task, says so, and never ends it.
const { sql, engine } = await joinTest<typeof Engine>();
const render = engine.task({
  name: "render",
  run: () => {
    tellParent("claimed");
    return new Promise<void>(() => {});
  },
});
await new engine.Worker(sql, { tasks: [render], log: () => {} }).tick();
