import { tellParent } from "shared/processes";
import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";

// A worker that claims a task, reports it, and never ends it.
const { sql, engine } = await joinTest<typeof Engine>();
const render = engine.task({
  name: "render",
  run: () => {
    tellParent("claimed");
    return new Promise<void>(() => {});
  },
});
await new engine.Worker(sql, { tasks: [render], log: () => {} }).tick();
