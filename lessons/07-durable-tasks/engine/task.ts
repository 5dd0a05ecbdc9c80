import type { ReservedSql } from "shared/database";
import { checkKey, type Stored, wholeNumber } from "shared/values";
import { checkRetryPolicy, type RetryPolicy } from "./retry-policy.ts";

// Node's timers accept nothing longer.
const LONGEST_TIMEOUT_MS = 2_147_483_647;

export type StepOptions = {
  /** Default: the step is attempted once in each attempt of the task. */
  retry?: RetryPolicy;
  /** What the step depends on. If a later run calls the step with another input, the task fails with a `NonDeterminismError`. */
  input?: unknown;
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

export type ChildOptions = {
  /** As of any task: those with the same key share a limit. Default: no limit. */
  concurrencyKey?: string;
  /** Default: the queue of its parent. */
  queue?: string;
  /** Default: the priority of its parent. */
  priority?: "high" | "normal" | "low";
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
};

/** What the handler of a durable task gets, and can call. It should wait for nothing but these calls. */
export type DurableContext = TaskContext & {
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
  /** Returns the time of the database's clock. The same in each run. */
  now(): Promise<Date>;
  /** Returns a number from 0 to 1, as `Math.random` does. The same in each run. */
  random(): Promise<number>;
  /** Returns a new UUID. The same in each run. */
  uuid(): Promise<string>;
  /**
   * Returns whether the task takes the new path of this name: false if it was past this place before the code had the
   * patch, and so has to go on as before; true otherwise, from then on in each run.
   */
  patched(name: string): Promise<boolean>;
  /**
   * Starts a task, a child of this one, exactly once, and returns its output. If nothing else of this task runs meanwhile, it
   * is suspended: it has no slot, and its handler starts again from its event log when the child has ended. Throws a
   * `ChildFailedError` if the child has failed for good or was cancelled. If that fails this attempt, the next attempt
   * retries the child. When this task ends, its children that have not ended are cancelled.
   */
  run<Input, Output>(
    definition: TaskDefinition<Input, Output>,
    input: NoInfer<Input>,
    options?: ChildOptions,
  ): Promise<Stored<Output>>;
};

/** A name, and the function that runs when a task of that name is claimed. */
export type TaskOptions<Input, Output, Context> = {
  name: string;
  run: (input: Input, context: Context) => Promise<Output> | Output;
  /** Default: an error is final, and a task that lost its worker is attempted three times in all. */
  retry?: RetryPolicy;
  /**
   * How long an attempt may take before it fails with a `TimeoutError`; after a suspension, the time starts again. Default: no
   * limit.
   */
  timeoutMs?: number;
};

/** What `task` and `durableTask` return. */
export type TaskDefinition<Input, Output> =
  | ({ kind: "regular" } & TaskOptions<Input, Output, TaskContext>)
  | ({ kind: "durable" } & TaskOptions<Input, Output, DurableContext>);

/**
 * Defines a regular task, which runs as a whole. Its types come from the handler: `run: async (order: Order) => …`. Throws a
 * `RangeError` if an option makes no sense.
 */
export function task<Input, Output>(
  options: TaskOptions<Input, Output, TaskContext>,
): TaskDefinition<Input, Output> {
  checkDefinition(options);
  return { ...options, kind: "regular" };
}

/**
 * Like `task`, but durable: the calls that its handler makes on its context are stored in an event log, so it can wait for
 * other tasks without a slot, and resumes after a crash.
 */
export function durableTask<Input, Output>(
  options: TaskOptions<Input, Output, DurableContext>,
): TaskDefinition<Input, Output> {
  checkDefinition(options);
  return { ...options, kind: "durable" };
}

/** Throws a `RangeError` if an option makes no sense. */
export function checkDefinition({
  retry,
  timeoutMs,
}: Pick<TaskOptions<never, unknown, never>, "retry" | "timeoutMs">): void {
  if (retry !== undefined) checkRetryPolicy(retry);
  if (timeoutMs !== undefined) wholeNumber("timeoutMs", timeoutMs, 1, LONGEST_TIMEOUT_MS);
}

/** Throws if an option makes no sense. */
export function checkOptions({ concurrencyKey, queue, priority = "normal" }: ChildOptions): void {
  if (concurrencyKey !== undefined) checkKey(concurrencyKey, "concurrencyKey");
  if (queue !== undefined) checkKey(queue, "queue");
  if (["high", "normal", "low"].includes(priority)) return;
  throw new RangeError(`priority is ${priority}; it must be "high", "normal" or "low"`);
}
