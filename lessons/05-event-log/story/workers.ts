import { fileURLToPath } from "node:url";
import { eventLog, type LoggedEvent, workerLog } from "shared/console";
import type { Sql } from "shared/database";
import { type Ledger, type StartedProcess, startProcess } from "shared/processes";
import { LIVELY, until } from "shared/story";
import { Worker, type WorkerOptions } from "../engine/index.ts";

/** Where a worker process stops, to be killed. */
export type StopPoint =
  | "before it ships"
  | "after the charge"
  | "before the commit"
  | "after the commit";

const { log, hasLoggedEnd } = workerLog();

/** Starts a worker in a process of its own. It waits for a message before it claims anything. */
export function startWorkerProcess(
  url: string,
  name: string,
  ledger: Ledger,
  stopAt: StopPoint,
): StartedProcess {
  const script = fileURLToPath(new URL("worker-process.ts", import.meta.url));
  return startProcess(script, { DATABASE: url, NAME: name, LEDGER: ledger.file, STOP_AT: stopAt });
}

/** Returns a worker of this process, with a short lease. */
export function newWorker(sql: Sql, name: string, tasks: WorkerOptions["tasks"]): Worker {
  return new Worker(sql, { tasks, name, log, ...LIVELY });
}

/** Starts a worker, and stops it when it has logged the end of this task. */
export async function runUntilEnded(worker: Worker, id: string): Promise<void> {
  worker.start();
  await until(async () => hasLoggedEnd(id));
  await worker.stop();
}

/** Prints the event log of a task. */
export async function printEventLog(sql: Sql, id: string): Promise<void> {
  eventLog(
    await sql<LoggedEvent[]>`
      select seq, happened_at, position, kind, name, status, output, error
      from events
      where task_id = ${id}
      order by seq`,
  );
}
