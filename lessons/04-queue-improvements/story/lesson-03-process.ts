import { setTimeout as pause } from "node:timers/promises";
import * as lesson03 from "lesson-03/engine/index.ts";
import { say } from "shared/console";
import { connect } from "shared/database";
import { endWithParent, tellAndWait, tellParent } from "shared/processes";

// A worker of lesson 03 that never finishes its task.
const { DATABASE = "", SCHEMA = "" } = process.env;
endWithParent();
const sql = connect(DATABASE, { schema: SCHEMA, applicationName: "lesson-04" });
const render = lesson03.task({
  name: "render",
  run: async () => {
    say("  worker-1 rendered page 1");
    tellParent("page 1");
    await pause(60_000);
  },
});
await tellAndWait("ready");
const log = (line: string) => say(`  ${line}`);
await new lesson03.Worker(sql, { tasks: [render], name: "worker-1", log }).tick();
