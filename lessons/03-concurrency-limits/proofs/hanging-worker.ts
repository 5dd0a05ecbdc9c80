import { tellParent } from "shared/processes";
import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";

// Claims two tasks, reports that to the test, and never ends them.
const { sql, engine } = await joinTest<typeof Engine>();
let started = 0;
const wait = engine.task({
  name: "wait",
  run: () => {
    started += 1;
    if (started === 2) tellParent("claimed");
    return new Promise<void>(() => {});
  },
});
await new engine.Worker(sql, { tasks: [wait], slots: 2, batchSize: 2, log: () => {} }).tick();
