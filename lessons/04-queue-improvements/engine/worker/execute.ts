import { describeError, encodeJson, type StoredError } from "shared/values";
import {
  CancelledError,
  ClaimLostError,
  isNonRetryable,
  TimeoutError,
  WorkerStoppedError,
} from "../errors.ts";
import { backoffMsAfter } from "../retry-policy.ts";
import type { TaskDefinition } from "../task.ts";
import { untilGraceEnds } from "./grace-period.ts";

/** How a run ended. */
export type Outcome = {
  /** `queued`: the task waits for another run. `lost`: it is no longer this worker's. */
  status: "succeeded" | "failed" | "queued" | "cancelled" | "lost";
  /** JSON, if the task has succeeded. */
  output?: string;
  error?: StoredError;
  /** If the attempt has failed and is to be repeated: how long the next one waits. */
  delayMs?: number;
};

export type ClaimedTask = {
  id: string;
  name: string;
  input: unknown;
  fence: number;
  attempt: number;
  /** `attempt` exceeds it by one if the worker was lost during the last attempt. */
  maxAttempts: number;
  /** Set if the task was cancelled while another worker ran it. */
  cancelRequestedAt: Date | null;
};

type Definition = TaskDefinition<never, unknown>;

/**
 * Runs a claimed task's handler and returns the outcome. Never throws: if the handler throws, or its output cannot be
 * stored, the outcome is a failure. After `abort` has fired, for one of the reasons in `errors.ts`, the handler has
 * `graceMs` milliseconds to end; then it is abandoned.
 */
export async function execute(
  definition: Definition,
  claimed: ClaimedTask,
  { abort, graceMs }: { abort: AbortController; graceMs: number },
): Promise<Outcome> {
  if (claimed.cancelRequestedAt) return { status: "cancelled" };
  if (claimed.attempt > claimed.maxAttempts) {
    const message = `The worker was lost during attempt ${claimed.maxAttempts} of ${claimed.maxAttempts}`;
    return { status: "failed", error: { name: "WorkerLostError", message } };
  }
  const { signal } = abort;
  const { timeoutMs } = definition;
  const timeout = () =>
    abort.abort(new TimeoutError(`The handler ran for longer than ${timeoutMs} ms`));
  const timer = timeoutMs === undefined ? undefined : setTimeout(timeout, timeoutMs);
  const context = { taskId: claimed.id, attempt: claimed.attempt, signal };
  let outcome: Outcome;
  try {
    const run = () => definition.run(claimed.input as never, context);
    const output = await untilGraceEnds(run, signal, graceMs);
    outcome = { status: "succeeded", output: encodeJson(output, "output") };
  } catch (thrown) {
    const error = describeError(thrown, isNonRetryable);
    const wasStopped = signal.reason instanceof WorkerStoppedError && !error.nonRetryable;
    outcome = wasStopped ? { status: "queued" } : failure(error, definition, claimed);
  } finally {
    clearTimeout(timer);
  }
  const { reason } = signal;
  if (reason instanceof ClaimLostError) return { status: "lost" };
  if (reason instanceof CancelledError) return { status: "cancelled" };
  if (reason instanceof TimeoutError) return failure(describeError(reason), definition, claimed);
  return outcome;
}

function failure(
  error: StoredError,
  { retry }: Definition,
  { attempt, maxAttempts }: ClaimedTask,
): Outcome {
  const isFinal = !retry || error.nonRetryable || attempt >= maxAttempts;
  if (isFinal) return { status: "failed", error };
  return { status: "queued", error, delayMs: backoffMsAfter(attempt, retry, Math.random()) };
}
