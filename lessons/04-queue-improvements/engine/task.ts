import { wholeNumber } from "shared/values";
import { checkRetryPolicy, type RetryPolicy } from "./retry-policy.ts";

// Node's timers accept nothing longer.
const LONGEST_TIMEOUT_MS = 2_147_483_647;

/** What a handler gets besides its input. */
export type TaskContext = {
  taskId: string;
  /** 1, 2, 3: this attempt and the earlier ones that failed or lost their worker. */
  attempt: number;
  /**
   * Fires when the handler should end: its time is up, the task was cancelled, the worker is stopping, or another
   * worker may be running the task. The signal's `reason` says which. A handler that goes on loses its slot after a grace
   * period, and its output is ignored.
   */
  signal: AbortSignal;
};

/** A name, and the function that runs when a task of that name is claimed. */
export type TaskDefinition<Input, Output> = {
  name: string;
  run: (input: Input, context: TaskContext) => Promise<Output> | Output;
  /** Default: an error is final, and a task that lost its worker is attempted three times in all. */
  retry?: RetryPolicy;
  /** How long an attempt may take before it fails with a `TimeoutError`. Default: no limit. */
  timeoutMs?: number;
};

/**
 * Defines a task. Its types come from the handler: `run: async (order: Order) => …`. Throws a `RangeError` if an option
 * makes no sense.
 */
export function task<Input, Output>(
  definition: TaskDefinition<Input, Output>,
): TaskDefinition<Input, Output> {
  checkDefinition(definition);
  return definition;
}

/** Throws a `RangeError` if an option makes no sense. */
export function checkDefinition({ retry, timeoutMs }: TaskDefinition<never, unknown>): void {
  if (retry !== undefined) checkRetryPolicy(retry);
  if (timeoutMs !== undefined) wholeNumber("timeoutMs", timeoutMs, 1, LONGEST_TIMEOUT_MS);
}
