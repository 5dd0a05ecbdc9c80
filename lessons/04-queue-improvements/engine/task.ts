import { wholeNumber } from "shared/values";
import { checkRetryPolicy, type RetryPolicy } from "./retry.ts";

/** What a handler is told besides its input. */
export type TaskContext = {
  taskId: string;
  /** 1, 2, 3: this attempt and those before it that failed or lost their worker. */
  attempt: number;
  /**
   * Fires when the handler is to end: its time is up, its task was cancelled, its worker stops, or another
   * worker may have the task by now. A handler that goes on all the same loses its slot after a while, and
   * whatever it returns is ignored.
   */
  signal: AbortSignal;
};

/** A name, and the function that runs when a task of that name is claimed. */
export type TaskDefinition<Input, Output> = {
  name: string;
  run: (input: Input, context: TaskContext) => Promise<Output> | Output;
  /** Without it an error is final, and a task whose worker was lost is tried three times in all. */
  retry?: RetryPolicy;
  /** How long an attempt may take before it fails with a `TimeoutError`; for ever if left out. */
  timeoutMs?: number;
  /** How long a task may be due before it is first started; it fails then. For ever if left out. */
  startTimeoutMs?: number;
};

// Node's timers go no further.
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * Defines a task. Its types come from the handler: `run: async (order: Order) => …`. Throws a `RangeError`
 * if one of its options makes no sense.
 */
export function task<Input, Output>(
  definition: TaskDefinition<Input, Output>,
): TaskDefinition<Input, Output> {
  const { retry, timeoutMs = 1, startTimeoutMs = 1 } = definition;
  if (retry) checkRetryPolicy(retry);
  wholeNumber("timeoutMs", timeoutMs, 1, LONGEST_TIMER_MS);
  wholeNumber("startTimeoutMs", startTimeoutMs, 1, LONGEST_TIMER_MS);
  return definition;
}
