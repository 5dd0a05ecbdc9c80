import { describeError, encodeJson, type StoredError } from "shared/values";
import {
  CancelledError,
  ClaimLostError,
  isNonRetryable,
  TimeoutError,
  WorkerStoppedError,
} from "./errors.ts";
import { untilLeft } from "./grace.ts";
import { backoffMsAfter } from "./retry.ts";
import type { TaskDefinition } from "./task.ts";

/** What came of one claimed task; the worker writes it down. */
export type Outcome =
  | { status: "succeeded"; output: string }
  | { status: "failed"; error: StoredError }
  | { status: "retried"; error: StoredError; delayMs: number }
  | { status: "cancelled" }
  | { status: "handed back" }
  | { status: "lost" };

export type ClaimedTask = {
  id: string;
  name: string;
  input: unknown;
  fence: number;
  attempt: number;
  maxAttempts: number;
};

type Definition = TaskDefinition<never, unknown>;

/**
 * Runs a claimed task's handler. Never throws: whatever the handler does, and an output that cannot be
 * stored, becomes an outcome. Once `abort` has fired, for the reasons in `errors.ts`, the handler has
 * `graceMs` milliseconds to end; then it is left to itself.
 */
export async function execute(
  definition: Definition,
  claimed: ClaimedTask,
  { abort, graceMs }: { abort: AbortController; graceMs: number },
): Promise<Outcome> {
  const { signal } = abort;
  const timer = abortAfter(definition.timeoutMs, abort);
  const context = { taskId: claimed.id, attempt: claimed.attempt, signal };
  try {
    const run = (async () => definition.run(claimed.input as never, context))();
    const output = encodeJson(await untilLeft(run, signal, graceMs), "output");
    return decided(signal, definition, claimed) ?? { status: "succeeded", output };
  } catch (thrown) {
    const decision = decided(signal, definition, claimed);
    if (decision) return decision;
    const wasDisturbed = signal.reason instanceof WorkerStoppedError;
    if (wasDisturbed && !isNonRetryable(thrown)) return { status: "handed back" };
    return afterFailure(thrown, definition, claimed);
  } finally {
    clearTimeout(timer);
  }
}

/** The outcome that was decided while the handler ran, whatever it has made of it. */
function decided(
  { reason }: AbortSignal,
  definition: Definition,
  claimed: ClaimedTask,
): Outcome | undefined {
  if (reason instanceof ClaimLostError) return { status: "lost" };
  if (reason instanceof CancelledError) return { status: "cancelled" };
  if (reason instanceof TimeoutError) return afterFailure(reason, definition, claimed);
  return undefined;
}

function afterFailure(
  thrown: unknown,
  { retry }: Definition,
  { attempt, maxAttempts }: ClaimedTask,
): Outcome {
  const error = describeError(thrown);
  const isFinal = !retry || isNonRetryable(thrown) || attempt >= maxAttempts;
  if (isFinal) return { status: "failed", error };
  return { status: "retried", error, delayMs: backoffMsAfter(attempt, retry, Math.random()) };
}

function abortAfter(
  timeoutMs: number | undefined,
  abort: AbortController,
): NodeJS.Timeout | undefined {
  if (timeoutMs === undefined) return undefined;
  const timeout = () =>
    abort.abort(new TimeoutError(`The handler took longer than ${timeoutMs} ms`));
  return setTimeout(timeout, timeoutMs);
}
