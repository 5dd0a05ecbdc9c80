import { messageOf } from "shared/values";
import type { TaskDefinition } from "../task.ts";
import { type ClaimedTask, execute, type Outcome, type RunMeans } from "./execute.ts";
import { saveOutcome } from "./save-outcome.ts";

/** One claim's execution of a handler. */
export type Run = {
  task: ClaimedTask;
  abort: AbortController;
  /** The handler is running, or its outcome is being written. */
  phase: "executing" | "saving";
};

export type RunOptions = RunMeans & {
  definitions: Map<string, TaskDefinition<never, unknown>>;
  log: (line: string) => void;
  /** Ends the attempts to write outcomes. */
  givenUp: AbortSignal;
};

/** Runs a claimed task and writes its outcome. Never rejects: an outcome that cannot be written is logged. */
export async function runTask(run: Run, options: RunOptions): Promise<void> {
  const { task, abort } = run;
  const { db, definitions, log, givenUp } = options;
  log(`claimed ${describe(task)}`);
  const definition = definitions.get(task.name) as TaskDefinition<never, unknown>;
  const outcome = await execute(definition, task, abort, options);
  run.phase = "saving";
  try {
    const status = await saveOutcome(db, task, outcome, { givenUp, log });
    log(`${verb(status, outcome)} ${describe(task)}${details(status, outcome)}`);
  } catch (error) {
    log(`lost the outcome of ${describe(task)}: ${messageOf(error)}`);
  }
}

function describe({ id, name, attempt, maxAttempts }: ClaimedTask): string {
  const now = Math.min(attempt, maxAttempts);
  return `${name} task=${id}${now > 1 ? ` attempt=${now}` : ""}`;
}

function verb(status: string, { error, isDropped }: Outcome): string {
  if (status !== "queued") return status;
  if (isDropped) return "dropped";
  return error ? "retried" : "handed back";
}

function details(status: string, { error, delayMs, isDifferent }: Outcome): string {
  if (!error || status === "cancelled") return "";
  const delay = delayMs === undefined ? "" : ` in ${delayMs} ms`;
  // The report of a difference has many lines; they are in the task's row.
  const message = isDifferent ? error.message.split("\n")[0] : error.message;
  return `${delay} error=${JSON.stringify(message)}`;
}
