import { table, workerLog } from "shared/console";
import type { Sql } from "shared/database";
import { PATIENT, until } from "shared/story";
import { Worker, type WorkerOptions } from "../engine/index.ts";

/** A worker of any lesson. */
type AnyWorker = Pick<Worker, "start" | "stop">;

/** Returns a worker with one slot, so that it runs its tasks one after the other. */
export function newWorker(sql: Sql, name: string, tasks: WorkerOptions["tasks"]): Worker {
  return new Worker(sql, { tasks, name, log, slots: 1, ...PATIENT });
}

const { log, hasLoggedEnd } = workerLog();

/** Starts a worker, and stops it when it has logged the end of these tasks. */
export async function runUntilEnded(
  worker: AnyWorker,
  ids: string[],
  isEnded: (id: string) => boolean = hasLoggedEnd,
): Promise<void> {
  worker.start();
  await until(async () => ids.every(isEnded));
  await worker.stop();
}

/** Starts a worker, and stops it when its handler waits for its truck. The task returns to the queue. */
export async function stopAtTheTruck(
  worker: AnyWorker,
  truck: { isAwaited: Promise<void> },
): Promise<void> {
  worker.start();
  await truck.isAwaited;
  await worker.stop({ deadlineMs: 0 });
}

/** Prints the event log of a task. */
export async function printEventLog(sql: Sql, id: string): Promise<void> {
  table(
    await sql`
      select seq, position as call, kind, name, status,
             coalesce(output #>> '{}', error ->> 'message', '') as "output or error"
      from events
      where task_id = ${id}
      order by seq`,
  );
}
