import { checkKey, wholeNumber } from "shared/values";
import type { TaskDefinition } from "../task.ts";

export type WorkerOptions = {
  /** The tasks that this worker can run. */
  tasks: TaskDefinition<never, unknown>[];
  /** The start of each log line. Default: `worker-` and the id of the process. */
  name?: string;
  /** The maximum number of tasks per claim, 1 to 200. Default: 100. */
  batchSize?: number;
  /** How long a started worker waits after it found nothing. Default: 200 ms. */
  pollIntervalMs?: number;
  /** Receives a line for every transition. Default: `console.log`. */
  log?: (line: string) => unknown;
};

/** Returns the options with their defaults. Throws if one of them makes no sense. */
export function withDefaults(options: WorkerOptions) {
  return {
    definitions: byName(options.tasks),
    name: options.name ?? `worker-${process.pid}`,
    batchSize: wholeNumber("batchSize", options.batchSize ?? 100, 1, 200),
    pollIntervalMs: milliseconds("pollIntervalMs", options.pollIntervalMs ?? 200),
    log: options.log ?? console.log,
  };
}

function milliseconds(option: string, value: number, least = 1): number {
  return wholeNumber(option, value, least, 3_600_000);
}

function byName(definitions: WorkerOptions["tasks"]): Map<string, TaskDefinition<never, unknown>> {
  const known = new Map<string, TaskDefinition<never, unknown>>();
  for (const definition of definitions) {
    checkKey(definition.name, "name");
    if (known.has(definition.name)) {
      throw new Error(`Two tasks are named "${definition.name}"; give one of them another name`);
    }
    known.set(definition.name, definition);
  }
  return known;
}
