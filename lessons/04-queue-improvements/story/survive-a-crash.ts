import { setTimeout as pause } from "node:timers/promises";
import { say, table } from "shared/console";
import type { Sql } from "shared/database";
import type { StartedProcess } from "shared/processes";
import { until, untilAtItsPlace } from "shared/story";
import { enqueue, task } from "../engine/index.ts";
import { newWorker, runUntilEnded } from "./workers.ts";

const PAGES = 3;

/** Kills a worker in the middle of a task. */
export async function killWorker(sql: Sql, killed: StartedProcess): Promise<void> {
  const render = renderBy("worker-2");
  const id = await enqueue(sql, render, null);
  await untilAtItsPlace(killed);
  await killed.kill();
  say("  kill -9 worker-1");
  await runUntilEnded(newWorker(sql, "worker-2", [render]), id);
}

/** Freezes a worker in the middle of a task, and lets it go on while another worker runs the task. */
export async function freezeWorker(sql: Sql, frozen: StartedProcess): Promise<void> {
  let [goOn, isHalfDone] = [() => {}, false];
  const untilGoOn = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const pay = task({
    name: "pay",
    run: async () => {
      isHalfDone = true;
      await untilGoOn;
      return "paid by worker-2";
    },
  });
  const id = await enqueue(sql, pay, null);
  await untilAtItsPlace(frozen);
  frozen.signal("SIGSTOP");
  say("  kill -STOP worker-3");
  const worker = newWorker(sql, "worker-2", [pay]);
  worker.start();
  await until(async () => isHalfDone);
  say("  kill -CONT worker-3");
  frozen.signal("SIGCONT");
  const thawed = frozen.nextMessage();
  frozen.send("go on");
  await thawed;
  goOn();
  await runUntilEnded(worker, id);
}

/** Runs a task that kills each worker, until it has no attempt left. */
export async function killEveryWorker(sql: Sql, poisoned: StartedProcess[]): Promise<void> {
  const id = await enqueue(sql, poison, null);
  for (const worker of poisoned) {
    await worker.firstMessage;
    worker.send("begin");
    await worker.ended;
  }
  await runUntilEnded(newWorker(sql, "worker-2", [poison]), id);
  say();
  table(
    await sql`
      select each.error ->> 'attempt' as attempt, each.error ->> 'message' as error
      from tasks
      cross join json_array_elements(errors::json) as each (error)
      where id = ${id}`,
  );
}

/** A task that renders one page after another. */
export function renderBy(worker: string, onPage: (page: number) => void = () => {}) {
  return task({
    name: "render",
    run: async () => {
      for (let page = 1; page <= PAGES; page += 1) {
        await pause(80);
        say(`  ${worker} rendered page ${page}`);
        onPage(page);
      }
      return `${PAGES} pages`;
    },
  });
}

/** A task that kills the process in which it runs. */
export const poison = task({
  name: "poison",
  retry: { maxAttempts: 2 },
  run: () => {
    process.kill(process.pid, "SIGKILL");
    return new Promise<void>(() => {});
  },
});
