import type { Sql } from "shared/database";
import { type TaskDefinition, Worker, type WorkerOptions } from "#engine";

export const TWENTY = Array.from({ length: 20 }, (_, input) => ({ input }));

/** One round of one worker that has slots for all. */
export async function tickOnce(
  sql: Sql,
  definition: TaskDefinition<never, unknown>,
  options: Partial<WorkerOptions> = {},
): Promise<number> {
  return new Worker(sql, { tasks: [definition], slots: 20, log: () => {}, ...options }).tick();
}
