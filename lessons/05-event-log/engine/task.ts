import type { ReservedSql } from "shared/database";
import { type Stored, wholeNumber } from "shared/values";
import { checkRetryPolicy, type RetryPolicy } from "./retry-policy.ts";

// Node's timers accept nothing longer.
const LONGEST_TIMEOUT_MS = 2_147_483_647;

export type StepOptions = {
  /** Default: the step is attempted once in each attempt of the task. */
  retry?: RetryPolicy;
};

/** What a step gets. */
export type StepInfo = {
  /** 1, 2, 3: this attempt of the step and the earlier ones that failed. */
  attempt: number;
  /**
   * The same in all attempts of this step, and different from that of any other step, as long as no call is added before
   * it: `7/2` for the second call of task 7.
   */
  idempotencyKey: string;
  /** The signal of the task. */
  signal: AbortSignal;
};

/** What a handler gets besides its input. */
export type TaskContext = {
  taskId: string;
  /** 1, 2, 3: this attempt and the earlier ones that failed or lost their worker. */
  attempt: number;
  /**
   * Fires when the handler should end: its time is up, the task was cancelled, the worker is stopping, or another
   * worker may be running the task. The signal's `reason` says which. A handler that goes on loses its slot after a grace
   * period, and its output is ignored. From then on, no call of this context settles.
   */
  signal: AbortSignal;
  /**
   * Runs `run` and stores its result in the event log. Once it is stored, `run` never runs again for this call: the next
   * run of the task returns the stored result. If the worker crashes before, `run` runs again. Returns what was stored: a
   * date as a string, `undefined` as null. Throws a `StepFailedError` if `run` has thrown in its last attempt.
   */
  step<T>(
    name: string,
    run: (step: StepInfo) => Promise<T> | T,
    options?: StepOptions,
  ): Promise<Stored<T>>;
  /**
   * Like `step`, but what `run` does with `sql` is committed together with the event: it takes effect exactly once. `run`
   * itself may run again; what it did before is rolled back then.
   */
  transaction<T>(
    name: string,
    run: (sql: ReservedSql, step: StepInfo) => Promise<T> | T,
    options?: StepOptions,
  ): Promise<Stored<T>>;
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
