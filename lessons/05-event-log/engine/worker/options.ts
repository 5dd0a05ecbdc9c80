import { checkKey, wholeNumber } from "shared/values";
import { checkDefinition, type TaskDefinition } from "../task.ts";

export type WorkerOptions = {
  /** The tasks that this worker can run; it claims no others. */
  tasks: TaskDefinition<never, unknown>[];
  /** The start of each log line. Default: `worker-` and the id of the process. */
  name?: string;
  /** The queue that it claims from. Default: "default". */
  queue?: string;
  /** The maximum number of tasks that it runs at once, 1 to 1,000. Default: 10. */
  slots?: number;
  /** The maximum number of tasks per claim, 1 to 200. Default: 100. */
  batchSize?: number;
  /** How long a started worker waits after it found nothing. Default: 200 ms. */
  pollIntervalMs?: number;
  /** How often a started worker extends its lease. Default: 3,000 ms. */
  heartbeatIntervalMs?: number;
  /** How long its lease lasts after a heartbeat; at least two heartbeats. Default: 15,000 ms. */
  leaseMs?: number;
  /** How long a handler may keep running after its signal has fired, before it loses its slot. Default: 5,000 ms. */
  graceMs?: number;
  /** Receives a line for every transition. Default: `console.log`. */
  log?: (line: string) => unknown;
};

/** Returns the options with their defaults. Throws if one of them makes no sense. */
export function withDefaults(options: WorkerOptions) {
  const {
    name = `worker-${process.pid}`,
    queue = "default",
    heartbeatIntervalMs = 3_000,
  } = options;
  checkKey(name, "name");
  checkKey(queue, "queue");
  return {
    definitions: byName(options.tasks),
    name,
    queue,
    slots: wholeNumber("slots", options.slots ?? 10, 1, 1_000),
    batchSize: wholeNumber("batchSize", options.batchSize ?? 100, 1, 200),
    pollIntervalMs: milliseconds("pollIntervalMs", options.pollIntervalMs ?? 200),
    heartbeatIntervalMs: milliseconds("heartbeatIntervalMs", heartbeatIntervalMs),
    leaseMs: milliseconds("leaseMs", options.leaseMs ?? 15_000, 2 * heartbeatIntervalMs),
    graceMs: milliseconds("graceMs", options.graceMs ?? 5_000, 0),
    log: options.log ?? console.log,
  };
}

/** Returns `value`, a number of milliseconds up to an hour. Throws a `RangeError` if it is not one. */
export function milliseconds(option: string, value: number, least = 1): number {
  return wholeNumber(option, value, least, 3_600_000);
}

function byName(definitions: WorkerOptions["tasks"]): Map<string, TaskDefinition<never, unknown>> {
  const known = new Map<string, TaskDefinition<never, unknown>>();
  for (const definition of definitions) {
    checkKey(definition.name, "name");
    checkDefinition(definition);
    if (known.has(definition.name)) {
      throw new Error(`Two tasks are named "${definition.name}"; give one of them another name`);
    }
    known.set(definition.name, definition);
  }
  return known;
}
