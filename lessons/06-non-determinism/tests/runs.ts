import type { Sql } from "shared/database";
import { onTestFinished } from "vitest";
import { type TaskDefinition, Worker, type WorkerOptions } from "#engine";

type Task = TaskDefinition<never, unknown>;

/** Runs tasks until none is due. */
export async function runToEnd(
  sql: Sql,
  task: Task,
  options: Partial<WorkerOptions> = {},
): Promise<void> {
  const worker = new Worker(sql, { tasks: [task], log: () => {}, ...options });
  while ((await worker.tick()) > 0);
}

/** Returns the unhandled rejections of this process, as they come. */
export function unhandledRejections(): unknown[] {
  const unhandled: unknown[] = [];
  const add = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", add);
  onTestFinished(() => void process.off("unhandledRejection", add));
  return unhandled;
}
