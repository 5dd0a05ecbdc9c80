import { pgtyped, type Sql } from "shared/database";
import { messageOf } from "shared/values";
import { endRun } from "../../sql/queries.ts";
import type { TaskDefinition } from "../task.ts";
import { type ClaimedTask, execute, type Outcome } from "./execute.ts";

export type RunOptions = {
  sql: Sql;
  definitions: Map<string, TaskDefinition<never, unknown>>;
  log: (line: string) => void;
};

/** Runs a claimed task and writes its outcome. Never rejects: an outcome that cannot be written is logged. */
export async function runTask(
  task: ClaimedTask,
  { sql, definitions, log }: RunOptions,
): Promise<void> {
  log(`claimed ${describe(task)}`);
  const outcome = await execute(definitions.get(task.name), task);
  try {
    const status = await saveOutcome(sql, task, outcome);
    log(`${status} ${describe(task)}${details(outcome)}`);
  } catch (error) {
    log(`lost the outcome of ${describe(task)}: ${messageOf(error)}`);
  }
}

/** Returns the status of the task; `lost` if it was not running any more and nothing was written. */
async function saveOutcome(
  sql: Sql,
  { id }: ClaimedTask,
  { status, output, error }: Outcome,
): Promise<string> {
  const [ended] = await endRun.run(
    { id, status, output, error: error && JSON.stringify(error) },
    pgtyped(sql),
  );
  return ended?.status ?? "lost";
}

function describe({ id, name }: ClaimedTask): string {
  return `${name} task=${id}`;
}

function details({ error }: Outcome): string {
  return error ? ` error=${JSON.stringify(error.message)}` : "";
}
