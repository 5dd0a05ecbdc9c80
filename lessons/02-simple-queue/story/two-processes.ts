import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { say, table } from "shared/console";
import { one, type Sql } from "shared/database";
import { Ledger, type StartedProcess, startProcess } from "shared/processes";
import { enqueue, enqueueMany, result, Worker } from "../engine/index.ts";
import { countIn, hang } from "./tasks.ts";

const TASKS = 1_000;

export type Other = { ledger: Ledger; process: StartedProcess };

/** Starts the other worker process, which does nothing until it is sent a message. */
export function startOther(url: string): Other {
  const ledger = Ledger.create();
  const script = fileURLToPath(new URL("other-process.ts", import.meta.url));
  return { ledger, process: startProcess(script, { DATABASE: url, LEDGER: ledger.file }) };
}

/** Empties a full queue together with the other process, and prints how often each task ran, according to the ledger. */
export async function emptyQueue(sql: Sql, { ledger, process }: Other): Promise<void> {
  const count = countIn(ledger);
  const inputs = Array.from({ length: TASKS }, (_, n) => ({ input: { n } }));
  await enqueueMany(sql, count, inputs);
  say(`${TASKS} tasks are queued with one statement. Two processes run them, and each handler`);
  say("writes a line into a ledger, a file outside Postgres:");
  say();
  await process.firstMessage;
  process.send("go");
  const worker = new Worker(sql, { tasks: [count], batchSize: 50, log: () => {} });
  while ((await worker.tick()) > 0);
  await Promise.race([untilNoneRuns(sql), failIfEnded(process)]);

  const times = [...ledger.counts().values()];
  table([
    {
      "ran once": times.filter((time) => time === 1).length,
      "ran twice or more": times.filter((time) => time > 1).length,
      "never ran": TASKS - times.length,
    },
  ]);
}

/** Kills the other process in the middle of a task, and prints the row of the task. */
export async function killOther(sql: Sql, { ledger, process }: Other): Promise<void> {
  const id = await enqueue(sql, hang, {});
  await Promise.race([untilRunning(sql, id), failIfEnded(process)]);
  say("The other process is running a task. We end the process with kill -9.");
  await process.kill();

  const claimed = await new Worker(sql, { tasks: [hang] }).tick();
  say(
    `Another worker claims, and gets ${claimed} tasks: the killed worker's task still says "running".`,
  );
  say();
  table(await sql`select id, name, status from tasks where id = ${id}`);
  ledger.remove();
}

async function untilRunning(sql: Sql, id: string): Promise<void> {
  while ((await result(sql, id)).status !== "running") await pause(10);
}

async function failIfEnded(process: StartedProcess): Promise<never> {
  throw new Error(`The other process has ended (${await process.ended})`);
}

async function untilNoneRuns(sql: Sql): Promise<void> {
  while (one(await sql`select exists (select from tasks where status = 'running') as some`).some) {
    await pause(10);
  }
}
