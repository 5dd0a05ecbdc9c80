import { type StoredError, UnstorableValueError } from "shared/values";

/** The concurrency key has no limit: call `setConcurrencyLimit` first. Nothing was written. */
export class UnknownConcurrencyKeyError extends Error {
  override name = "UnknownConcurrencyKeyError";

  constructor(key: string) {
    const quoted = JSON.stringify(key);
    super(
      `Concurrency key ${quoted} has no limit; set one first: setConcurrencyLimit(sql, ${quoted}, 10)`,
    );
  }
}

/** Thrown by a handler when retrying is pointless: the task fails at once. */
export class NonRetryableError extends Error {
  override name = "NonRetryableError";
}

/**
 * A step has failed for good. Its `cause` is the error as it is stored: of the same name and message, but not an instance
 * of your classes.
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

/** Returns true if retrying is pointless. */
export function isNonRetryable(error: unknown): boolean {
  return (
    error instanceof NonRetryableError ||
    error instanceof UnstorableValueError ||
    (error instanceof StepFailedError && error.cause instanceof NonRetryableError)
  );
}

/** The handler ran for longer than the task's `timeoutMs`; the attempt has failed. */
export class TimeoutError extends Error {
  override name = "TimeoutError";
}

/** The task was cancelled. */
export class CancelledError extends Error {
  override name = "CancelledError";
}

/** The worker's lease expired, and the task was taken from it: another worker may be running it. */
export class ClaimLostError extends Error {
  override name = "ClaimLostError";
}

/** The worker is stopping and its deadline has passed: the task goes back to the queue. */
export class WorkerStoppedError extends Error {
  override name = "WorkerStoppedError";
}

/** An event could not be written, or may not have been: the task runs again from its event log. */
export class RunDroppedError extends Error {
  override name = "RunDroppedError";
}

function restore({ name, message, stack, cause, nonRetryable }: StoredError): Error {
  const options = cause && { cause: restore(cause) };
  const error = nonRetryable
    ? new NonRetryableError(message, options)
    : new Error(message, options);
  return Object.assign(error, { name, stack });
}
