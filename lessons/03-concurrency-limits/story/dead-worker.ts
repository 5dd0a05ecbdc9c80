import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { say, table } from "shared/console";
import { one, type Sql } from "shared/database";
import { type StartedProcess, startProcess } from "shared/processes";
import { enqueueMany, task, Worker } from "../engine/index.ts";

/** A task that never ends. */
export const hang = task({ name: "hang", run: (_: number) => new Promise<void>(() => {}) });

/** Starts another worker process. It waits for a message before it claims. */
export function startOther(url: string): StartedProcess {
  const script = fileURLToPath(new URL("other-process.ts", import.meta.url));
  return startProcess(script, { DATABASE: url });
}

/** Kills a process that runs all the tasks that a key allows, and prints what is left. */
export async function killOther(sql: Sql, other: StartedProcess): Promise<void> {
  const tasks = Array.from({ length: 12 }, (_, n) => ({ input: n, concurrencyKey: "api" }));
  await enqueueMany(sql, hang, tasks);
  await other.firstMessage;
  other.send("go");
  await Promise.race([untilRunning(sql, 10), failIfEnded(other)]);
  say('Another process runs 10 tasks with the key "api", and 2 more are queued.');
  say("We kill that process with kill -9.");
  await other.kill();

  const claimed = await new Worker(sql, { tasks: [hang] }).tick();
  say(`A worker with 10 free slots claims ${claimed} tasks:`);
  say();
  const left = await sql`
    select
      concurrency_key as key,
      max_running as limit,
      count(*) filter (where status = 'running') as running,
      count(*) filter (where status = 'queued') as queued
    from concurrency_limits
    join tasks using (concurrency_key)
    where concurrency_key = 'api' and name = 'hang'
    group by 1, 2`;
  table(left);
}

async function untilRunning(sql: Sql, count: number): Promise<void> {
  const running = () =>
    sql`select count(*)::int from tasks where concurrency_key = 'api' and status = 'running'`;
  while (one(await running()).count < count) await pause(10);
}

async function failIfEnded(process: StartedProcess): Promise<never> {
  throw new Error(`The other process has ended with exit code ${await process.ended}`);
}
