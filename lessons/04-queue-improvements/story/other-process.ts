import { say } from "shared/console";
import { connect } from "shared/database";
import { endWithParent, tellAndWait, tellParent } from "shared/processes";
import { LIVELY } from "shared/story";
import { task, Worker } from "../engine/index.ts";
import { poison, render } from "./tasks.ts";

// A worker in a process of its own, which waits for a word before it begins.
const { DATABASE = "", NAME = "", PART = "" } = process.env;
endWithParent();
const sql = connect(DATABASE, { applicationName: "lesson-04" });
const log = (line: string) => say(`  ${line}`);
await tellAndWait("ready");

switch (PART) {
  case "is killed": {
    const tasks = [render(NAME, (page) => page === 2 && tellParent("half way"))];
    new Worker(sql, { tasks, name: NAME, log, ...LIVELY }).start();
    break;
  }
  case "is frozen": {
    // Shows no sign of life while its handler runs: `tick` sends one heartbeat, at its beginning.
    const pay = task({
      name: "pay",
      run: async () => {
        await tellAndWait("in the middle");
        say(`  ${NAME} wakes up, and knows of nothing; its handler returns`);
        return `paid by ${NAME}`;
      },
    });
    const worker = new Worker(sql, { tasks: [pay], name: NAME, log, ...LIVELY });
    await worker.tick();
    await worker.tick();
    await worker.stop();
    process.exit();
    break;
  }
  case "is poisoned":
    new Worker(sql, { tasks: [poison], name: NAME, log, ...LIVELY }).start();
    break;
}
