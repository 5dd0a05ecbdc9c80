import type { ReservedSql } from "shared/database";
import { type Stored, wholeNumber } from "shared/values";
import { checkRetryPolicy, type RetryPolicy } from "./retry.ts";

export type StepOptions = {
  /**
   * How often the step is tried before it fails; once if left out. Attempts that have failed are in the event log, so
   * they count after a crash too. Each attempt of the task tries it once in any case.
   */
  retry?: RetryPolicy;
  /** What the step depends on. When it is replayed with another one, the task stops with a `NonDeterminismError`. */
  input?: unknown;
};

/** What a step is told. */
export type StepInfo = {
  /** 1, 2, 3: this attempt of the step and those that have failed. */
  attempt: number;
  /**
   * The same at each attempt of this step, and of no other, as long as no call is added before it: `7/2` for the
   * second call of task 7.
   */
  idempotencyKey: string;
  /** The task's signal; fires also when the task has ended without waiting for this step. */
  signal: AbortSignal;
};

/** What a handler is told besides its input, and what it can say. */
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
  /**
   * Runs `run` and keeps what it returns in the event log; once that is written, `run` never runs again for this
   * call, and the task goes on from there after a crash. A crash before makes it run again. Returns what was stored:
   * a date as text, `undefined` as null. Throws a `StepFailedError` if `run` has thrown at its last attempt.
   */
  step<T>(
    name: string,
    run: (step: StepInfo) => Promise<T> | T,
    options?: StepOptions,
  ): Promise<Stored<T>>;
  /**
   * As `step`, but what `run` does with `sql` is committed together with the event that keeps what it returns: it
   * takes effect exactly once. `run` itself may run again, and what it has done then is rolled back.
   */
  transaction<T>(
    name: string,
    run: (sql: ReservedSql, step: StepInfo) => Promise<T> | T,
    options?: StepOptions,
  ): Promise<Stored<T>>;
  /** The time, by the database's clock; each time it is replayed the same. */
  now(): Promise<Date>;
  /** A number from 0 to 1, as `Math.random` gives it; each time it is replayed the same. */
  random(): Promise<number>;
  /** A new UUID; each time it is replayed the same. */
  uuid(): Promise<string>;
  /**
   * Whether this task does the new thing of this name: false if it was past this place before the code asked, so
   * that it has to do what it did; true, for good, from the first time a task comes here.
   */
  patched(name: string): Promise<boolean>;
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
