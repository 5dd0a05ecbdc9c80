import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { say, table } from "shared/console";
import { one, type Sql } from "shared/database";
import { type StartedProcess, startProcess } from "shared/processes";
import { enqueue, task, Worker } from "../engine/index.ts";

/** Never ends by itself. */
export const hang = task({ name: "hang", run: () => new Promise<void>(() => {}) });

/** Starts the other worker process, which waits for a word before it begins. */
export function startOther(url: string): StartedProcess {
  const script = fileURLToPath(new URL("other-process.ts", import.meta.url));
  return startProcess(script, { DATABASE: url });
}

/** Kills a process that runs all the tasks that a key allows, and prints what is left of the key. */
export async function killOther(sql: Sql, other: StartedProcess): Promise<void> {
  for (let n = 0; n < 12; n += 1) await enqueue(sql, hang, n, { concurrencyKey: "api" });
  await other.firstMessage;
  other.send("go");
  await Promise.race([untilRunning(sql, 10), failIfEnded(other)]);
  say('Another process runs 10 tasks of the key "api", and 2 more wait. Now it gets a kill -9.');
  await other.kill();

  const claimed = await new Worker(sql, { tasks: [hang] }).tick();
  say(`A worker with free slots asks for work, and gets ${claimed} tasks:`);
  say();
  const left = await sql`
    select
      concurrency_key as key,
      max_running as limit,
      running_tasks(concurrency_key) as running,
      (select count(*) from tasks where concurrency_key = 'api' and status = 'queued') as queued
    from concurrency_limits
    where concurrency_key = 'api'`;
  table(left);
}

async function untilRunning(sql: Sql, count: number): Promise<void> {
  const running = () => sql`select running_tasks('api')::int as count`;
  while (one(await running()).count < count) await pause(10);
}

async function failIfEnded(process: StartedProcess): Promise<never> {
  throw new Error(`The other process has ended (${await process.ended})`);
}
