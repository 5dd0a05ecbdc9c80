import type { Sql } from "shared/database";
import { type Gate, moveTime } from "shared/testing";
import { type TaskDefinition, Worker } from "#engine";

type Task = TaskDefinition<never, unknown>;

/** A reply that needs a quarter of the lease counts as lost. On a busy machine, that must not happen to a test by chance. */
export const PATIENT = { leaseMs: 3_600_000, log: () => {} };

/** Runs tasks until none is due. */
export async function runToEnd(sql: Sql, task: Task): Promise<void> {
  const worker = new Worker(sql, { tasks: [task], ...PATIENT });
  while ((await worker.tick()) > 0);
}

/** Runs a task until it is at the gate, and lets the lease of its worker expire. The run ends after `gate.open()`. */
export async function loseWorker(
  sql: Sql,
  task: Task,
  gate: Gate,
): Promise<{ ended: Promise<unknown> }> {
  const ended = new Worker(sql, { tasks: [task], log: () => {} }).tick();
  await gate.arrived(1);
  await moveTime(sql, { seconds: 15 });
  return { ended };
}
