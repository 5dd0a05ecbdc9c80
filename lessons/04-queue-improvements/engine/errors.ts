import { UnstorableValueError } from "shared/values";

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

/** Whether retrying is pointless. */
export function isNonRetryable(error: unknown): boolean {
  return error instanceof NonRetryableError || error instanceof UnstorableValueError;
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
