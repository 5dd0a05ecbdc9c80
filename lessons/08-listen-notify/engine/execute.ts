import { encodeJson, type StoredError } from "shared/values";
import { Context, type Means } from "./context.ts";
import {
  CancelledError,
  ClaimLostError,
  describeError,
  isNonRetryable,
  NonDeterminismError,
  TimeoutError,
  WorkerStoppedError,
} from "./errors.ts";
import { untilLeft } from "./grace.ts";
import type { LoggedEvent } from "./history.ts";
import type { Interruption } from "./interruption.ts";
import { backoffMsAfter } from "./retry.ts";
import type { TaskDefinition } from "./task.ts";

/** What came of one claimed task; the worker writes it down. */
export type Outcome =
  | { status: "succeeded"; output: string }
  | { status: "failed"; error: StoredError }
  | { status: "retried"; error: StoredError; delayMs: number }
  | { status: "cancelled" }
  | { status: "handed back" }
  /** It waits for its children. That is written already. */
  | { status: "suspended" }
  | { status: "lost" }
  /** The event log could not be written: what the handler has come to is not known. */
  | { status: "unknown"; error: unknown };

export type ClaimedTask = {
  id: string;
  name: string;
  input: unknown;
  fence: number;
  attempt: number;
  maxAttempts: number;
  eventCount: number;
  history: number;
  retriedSeq: number;
  events: LoggedEvent[];
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
  means: Means,
): Promise<Outcome> {
  const { abort, graceMs } = means;
  const timer = abortAfter(definition.timeoutMs, abort);
  // A task that is regular now may have been durable when it wrote its log.
  const hasLog = definition.kind === "durable" || claimed.events.length > 0;
  const context = hasLog ? new Context(claimed, means) : undefined;
  try {
    const handler = async () => start(definition, claimed, abort, context);
    const run = handler().then(
      (output) => {
        context?.end("returned");
        return output;
      },
      (thrown) => {
        context?.end(`threw ${describeError(thrown).name}`, thrown);
        throw thrown;
      },
    );
    const ended = untilLeft(run, abort, graceMs).then(async (value) => {
      const output = encodeJson(value, "output");
      await context?.goOn();
      return (
        decided(abort, definition, claimed, context) ?? ({ status: "succeeded", output } as const)
      );
    });
    if (!context) return await ended;
    // Nothing is thrown into a handler that is suspended, and its signal does not fire: it is forgotten.
    return await Promise.race([ended, context.suspended.then((status) => ({ status }))]);
  } catch (thrown) {
    context?.end("was left");
    // What steps beside the one that failed have done is worth keeping.
    await context?.settled(abort.graceLeft(graceMs));
    const decision = decided(abort, definition, claimed, context);
    if (decision) return decision;
    const wasDisturbed = abort.reason instanceof WorkerStoppedError;
    if (wasDisturbed && !isNonRetryable(thrown)) return { status: "handed back" };
    return afterFailure(thrown, definition, claimed);
  } finally {
    clearTimeout(timer);
    if (!context || context.hasEnded) abort.abort(ENDED);
  }
}

const ENDED = new Error("The task has ended");

function start(
  definition: Definition,
  { id: taskId, input, attempt }: ClaimedTask,
  abort: Interruption,
  context: Context | undefined,
): unknown {
  if (definition.kind === "durable") return definition.run(input as never, context as never);
  const info = {
    taskId,
    attempt,
    get signal() {
      return abort.signal;
    },
  };
  return definition.run(input as never, info);
}

/** The outcome that was decided while the handler ran, whatever it has made of it. */
function decided(
  { reason }: Interruption,
  definition: Definition,
  claimed: ClaimedTask,
  context: Context | undefined,
): Outcome | undefined {
  if (reason === undefined) return undefined;
  if (reason instanceof ClaimLostError) return { status: "lost" };
  if (reason instanceof CancelledError) return { status: "cancelled" };
  if (reason instanceof TimeoutError) return afterFailure(reason, definition, claimed);
  if (reason instanceof NonDeterminismError) {
    return { status: "failed", error: describeError(reason) };
  }
  if (!(reason instanceof WorkerStoppedError)) return { status: "unknown", error: reason };
  return context?.hasRefused ? { status: "handed back" } : undefined;
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
  abort: Interruption,
): NodeJS.Timeout | undefined {
  if (timeoutMs === undefined) return undefined;
  const timeout = () =>
    abort.abort(new TimeoutError(`The handler took longer than ${timeoutMs} ms`));
  return setTimeout(timeout, timeoutMs);
}
