import { describeError as describe, type StoredError, UnstorableValueError } from "shared/values";

/** Thrown by a handler whose next attempt would fail as well: the task fails at once. */
export class NonRetryableError extends Error {
  override name = "NonRetryableError";
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

/** Whether retrying is pointless. */
export function isNonRetryable(error: unknown): boolean {
  return (
    error instanceof NonRetryableError ||
    error instanceof UnstorableValueError ||
    (error instanceof StepFailedError && error.cause instanceof NonRetryableError)
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

/** Returns what is stored of `thrown`, marked `nonRetryable` if retrying is pointless. */
export function describeError(thrown: unknown): StoredError {
  return describe(thrown, isNonRetryable);
}

function restore({ name, message, stack, cause, nonRetryable }: StoredError): Error {
  const options = cause && { cause: restore(cause) };
  const error = nonRetryable
    ? new NonRetryableError(message, options)
    : new Error(message, options);
  return Object.assign(error, { name, stack });
}
