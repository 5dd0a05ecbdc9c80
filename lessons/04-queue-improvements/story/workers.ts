import { fileURLToPath } from "node:url";
import { workerLog } from "shared/console";
import type { Sql } from "shared/database";
import { type StartedProcess, startProcess } from "shared/processes";
import { LIVELY, until } from "shared/story";
import { Worker, type WorkerOptions } from "../engine/index.ts";

export type Fate = "is killed" | "is frozen, then stopped" | "is poisoned";

const { log, hasLoggedEnd } = workerLog();

/** Starts a worker in a process of its own. It waits for a message before it claims anything. */
export function startWorkerProcess(url: string, name: string, fate: Fate): StartedProcess {
  const script = fileURLToPath(new URL("worker-process.ts", import.meta.url));
  return startProcess(script, { DATABASE: url, NAME: name, FATE: fate });
}

/** Returns a worker of this process, with a short lease. */
export function newWorker(sql: Sql, name: string, tasks: WorkerOptions["tasks"]): Worker {
  return new Worker(sql, { tasks, name, log, ...LIVELY });
}

/** Starts a worker, and stops it when it has logged the end of these tasks. */
export async function runUntilEnded(worker: Worker, ...ids: string[]): Promise<void> {
  worker.start();
  await until(async () => ids.every(hasLoggedEnd));
  await worker.stop();
}
