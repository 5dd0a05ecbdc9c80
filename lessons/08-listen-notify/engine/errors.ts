import { inspect } from "node:util";

/** Thrown by a handler whose next attempt would fail as well: the task fails at once. */
export class NonRetryableError extends Error {
  override name = "NonRetryableError";
}

/** A value that cannot be stored: take it out, or send it in another form. Nothing was written. */
export class UnstorableValueError extends NonRetryableError {
  override name = "UnstorableValueError";
  /** Where the value stands: `input.items[2].price`. */
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path} ${problem}`, options);
    this.path = path;
  }
}

/** Nobody has set a limit for this concurrency key: call `setConcurrencyLimit` first. Nothing was written. */
export class UnknownConcurrencyKeyError extends Error {
  override name = "UnknownConcurrencyKeyError";

  constructor(key: string) {
    const quoted = JSON.stringify(key);
    super(
      `Concurrency key ${quoted} has no limit; set one first: setConcurrencyLimit(sql, ${quoted}, 10)`,
    );
  }
}

/**
 * A call of a task's context has failed as often as it may. `cause` is what it failed with, as the event log keeps it:
 * an error of the same name and message, but of no class of yours.
 */
export class StepFailedError extends Error {
  override name = "StepFailedError";
  declare readonly cause: Error;
  readonly step: string;

  constructor(step: string, error: StoredError) {
    super(`Step "${step}" failed: ${error.message}`, { cause: restore(error) });
    this.step = step;
  }
}

/**
 * A task that a durable task has started has failed for good, or was cancelled. `cause` is what it failed with, as its
 * row keeps it; of a cancelled one its name is `CancelledError`.
 */
export class ChildFailedError extends Error {
  override name = "ChildFailedError";
  declare readonly cause: Error;
  readonly task: string;
  /** Undefined if it could not even be started. */
  readonly childId: string | undefined;
  /** How many attempts it had. */
  readonly attempts: number;

  constructor(task: string, childId: string | null, error: StoredError) {
    const child = childId === null ? `A child "${task}"` : `Task ${childId} "${task}"`;
    super(`${child} ${howItEnded(error)}`, { cause: restore(error) });
    this.task = task;
    this.childId = childId ?? undefined;
    this.attempts = error.attempts ?? 0;
  }
}

/**
 * A handler does something other than its event log says it did: its code has changed, or it does not do the same each
 * time. The message shows both, side by side. Its task has failed, at no cost of an attempt, and its log is as it was:
 * mend the code, then `retry`.
 */
export class NonDeterminismError extends Error {
  override name = "NonDeterminismError";
}

/** Whether it would fail again, whoever tried. */
export function isNonRetryable(error: unknown): boolean {
  return (
    error instanceof NonRetryableError ||
    (error instanceof StepFailedError && error.cause instanceof NonRetryableError) ||
    (error instanceof ChildFailedError && error.cause instanceof NonRetryableError)
  );
}

/** A handler took longer than its task's `timeoutMs`; its attempt has failed. */
export class TimeoutError extends Error {
  override name = "TimeoutError";
}

/** Why a handler's signal fires when somebody has cancelled its task. */
export class CancelledError extends Error {
  override name = "CancelledError";
}

/** Why a handler's signal fires when its worker was declared dead: another one may run the task by now. */
export class ClaimLostError extends Error {
  override name = "ClaimLostError";
}

/** Why a handler's signal fires when its worker stops and will not wait any longer: the task goes back. */
export class WorkerStoppedError extends Error {
  override name = "WorkerStoppedError";
}

/** Returns `value`, or throws a `RangeError` that says which option is wrong and what it may be. */
export function wholeNumber(option: string, value: number, from: number, to: number): number {
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new RangeError(`${option} is ${value}; it must be a whole number from ${from} to ${to}`);
}

/** An error as it is kept in a task's row. */
export type StoredError = {
  name: string;
  message: string;
  stack?: string;
  cause?: StoredError;
  nonRetryable?: true;
  /** How many attempts the child had that failed with it, or was cancelled. */
  attempts?: number;
  cancelled?: true;
};

/**
 * Whatever a handler threw, as something that can always be stored: never throws itself, follows
 * `cause`, shows NUL and broken text as visible characters, and shortens what is very long.
 */
export function describeError(thrown: unknown): StoredError {
  try {
    if (thrown instanceof Error) return describe(thrown, MAX_CAUSES);
    return { name: "NonError", message: storable(`The handler threw ${inspect(thrown)}`) };
  } catch {
    // A getter or a proxy of the handler's threw while we looked.
    return { name: "NonError", message: "The handler threw something that cannot be described" };
  }
}

// A cause may lead back to where it began.
const MAX_CAUSES = 5;
const MAX_LENGTH = 10_000;

function describe(error: unknown, causes: number): StoredError {
  if (!(error instanceof Error)) return { name: "NonError", message: storable(error) };
  const { name, message, stack, cause } = error;
  return {
    name: storable(name),
    message: storable(message),
    ...(stack !== undefined && { stack: storable(stack) }),
    ...(cause !== undefined && causes > 0 && { cause: describe(cause, causes - 1) }),
    ...(isNonRetryable(error) && { nonRetryable: true }),
  };
}

function restore({ name, message, stack, cause, nonRetryable }: StoredError): Error {
  const options = cause && { cause: restore(cause) };
  const error = nonRetryable
    ? new NonRetryableError(message, options)
    : new Error(message, options);
  return Object.assign(error, { name, stack });
}

function howItEnded({ message, cancelled, attempts = 0 }: StoredError): string {
  if (cancelled) return "was cancelled";
  if (attempts === 0) return `could not be started: ${message}`;
  return `failed after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}: ${message}`;
}

function storable(text: unknown): string {
  const whole = typeof text === "string" ? text : inspect(text);
  const rest = whole.length - MAX_LENGTH;
  const short = rest > 0 ? `${whole.slice(0, MAX_LENGTH)}… (${rest} more characters)` : whole;
  // Postgres stores neither NUL nor half a surrogate pair.
  return short.replaceAll("\0", "␀").toWellFormed();
}
