import { say } from "shared/console";
import { connect } from "shared/database";
import { endWithParent, tellAndWait, tellParent } from "shared/processes";
import { LIVELY } from "shared/story";
import { runUntilSignal, task, Worker, type WorkerOptions } from "../engine/index.ts";
import { exportSlowly, sync } from "./stop-work.ts";
import { poison, renderBy } from "./survive-a-crash.ts";
import type { Fate } from "./workers.ts";

// A worker in a process of its own. It waits for a message before it claims anything.
const { DATABASE = "", NAME = "", FATE } = process.env;
endWithParent();
const sql = connect(DATABASE, { applicationName: "lesson-04" });
await tellAndWait("ready");

switch (FATE as Fate) {
  case "is killed":
    newWorker([renderBy(NAME, (page) => page === 2 && tellParent("page 2"))]).start();
    break;
  case "is frozen, then stopped": {
    const pay = task({
      name: "pay",
      run: async () => {
        await tellAndWait("half done");
        say(`  ${NAME} is awake, and its handler returns`);
        return `paid by ${NAME}`;
      },
    });
    // `tick` sends one heartbeat, when it begins. So the outcome comes before the next heartbeat.
    await newWorker([pay]).tick();
    await tellAndWait("thawed");
    const second = sync(() => tellParent("both are running"));
    await runUntilSignal(newWorker([exportSlowly, second], { batchSize: 1 }), { deadlineMs: 400 });
    process.exit();
    break;
  }
  case "is poisoned":
    newWorker([poison]).start();
    break;
}

function newWorker(tasks: WorkerOptions["tasks"], options: Partial<WorkerOptions> = {}): Worker {
  const log = (line: string) => say(`  ${line}`);
  return new Worker(sql, { tasks, name: NAME, log, ...LIVELY, ...options });
}
