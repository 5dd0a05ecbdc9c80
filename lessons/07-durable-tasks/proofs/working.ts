import type { Sql } from "shared/database";
import { onTestFinished } from "vitest";
import { Worker, type WorkerOptions } from "#engine";

/** Starts a worker that polls every 5 ms; it is stopped when the test has ended. */
export function startWorking(sql: Sql, options: WorkerOptions): Worker {
  const worker = new Worker(sql, { pollIntervalMs: 5, graceMs: 0, log: () => {}, ...options });
  worker.start();
  onTestFinished(() => worker.stop({ deadlineMs: 0 }));
  return worker;
}
