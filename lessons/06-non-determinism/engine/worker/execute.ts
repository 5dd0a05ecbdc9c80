import type { RunTransaction, TypedConnection } from "shared/database";
import { describeError, encodeJson, type StoredError } from "shared/values";
import type { ClaimTasksResult } from "../../sql/queries.ts";
import { Calls } from "../durable/calls.ts";
import { makeContext } from "../durable/context.ts";
import { EventLog } from "../durable/event-log.ts";
import { Lifetime } from "../durable/lifetime.ts";
import {
  CancelledError,
  ClaimLostError,
  isNonRetryable,
  NonDeterminismError,
  RunDroppedError,
  TimeoutError,
  WorkerStoppedError,
} from "../errors.ts";
import { backoffMsAfter } from "../retry-policy.ts";
import type { TaskContext, TaskDefinition } from "../task.ts";
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
  /** If the attempt has failed: failures after this event are reopened. */
  reopenAfter?: number;
  /** Whether an event was written is unknown. */
  isDropped?: boolean;
  /** The handler differs from its event log. That costs no attempt. */
  isDifferent?: boolean;
};

/** A task with its event log, as either claim returns it. */
export type ClaimedTask = ClaimTasksResult;

/** What a run works with. */
export type RunMeans = {
  db: TypedConnection;
  transaction: RunTransaction;
  graceMs: number;
  stallMs: number;
};

type Definition = TaskDefinition<never, unknown>;

/**
 * Runs a claimed task's handler and returns the outcome. Never throws: if the handler throws, or its output cannot be
 * stored, the outcome is a failure. After `abort` has fired, for one of the reasons in `errors.ts`, the handler may go on
 * until its next call, and it and its steps have `graceMs` milliseconds to end; then they are abandoned.
 */
export async function execute(
  definition: Definition,
  claimed: ClaimedTask,
  abort: AbortController,
  { db, graceMs, stallMs, transaction }: RunMeans,
): Promise<Outcome> {
  if (claimed.cancelRequestedAt) return { status: "cancelled" };
  // The last attempt was lost.
  if (claimed.attempt > claimed.maxAttempts) {
    return { status: "failed", error: claimed.lastError as StoredError };
  }
  const { signal } = abort;
  const lifetime = new Lifetime(abort);
  const log = new EventLog(db, claimed, lifetime);
  const calls = new Calls(claimed, log, lifetime, stallMs);
  const inTime = <T>(run: () => Promise<T> | T) => untilGraceEnds(run, signal, graceMs);
  const context = makeContext(claimed, { calls, inTime, signal, transaction });
  let outcome: Outcome;
  try {
    const run = () => runHandler(definition, claimed, context, { calls, abort, lifetime, graceMs });
    outcome = { status: "succeeded", output: encodeJson(await inTime(run), "output") };
  } catch (thrown) {
    const error = describeError(thrown, isNonRetryable);
    const wasStopped = signal.reason instanceof WorkerStoppedError && !error.nonRetryable;
    outcome = wasStopped ? { status: "queued" } : failure(error, definition, claimed, calls);
  } finally {
    lifetime.end();
    log.close();
  }
  return endedEarly(definition, claimed, signal, calls) ?? outcome;
}

/** Returns the output of the handler. If it throws, steps that are running may finish, so that they need not run again. */
async function runHandler(
  definition: Definition,
  claimed: ClaimedTask,
  context: TaskContext,
  {
    calls,
    abort,
    lifetime,
    graceMs,
  }: { calls: Calls; abort: AbortController; lifetime: Lifetime; graceMs: number },
): Promise<unknown> {
  const timer = abortAfter(definition.timeoutMs, abort);
  const handler = async () => {
    try {
      const output = await definition.run(claimed.input as never, context);
      calls.end("returned");
      return output;
    } catch (thrown) {
      calls.end(`threw ${describeError(thrown).name}`, thrown);
      throw thrown;
    }
  };
  try {
    return await Promise.race([handler(), lifetime.abandoned]);
  } catch (thrown) {
    clearTimeout(timer);
    await lifetime.stepsEnded(graceMs);
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}

function abortAfter(
  timeoutMs: number | undefined,
  abort: AbortController,
): NodeJS.Timeout | undefined {
  if (timeoutMs === undefined) return undefined;
  const reason = new TimeoutError(`The handler ran for longer than ${timeoutMs} ms`);
  return setTimeout(() => abort.abort(reason), timeoutMs);
}

/** The outcome of a run that has differed from its log, or whose signal has fired: whatever the handler has returned or thrown. */
function endedEarly(
  definition: Definition,
  claimed: ClaimedTask,
  signal: AbortSignal,
  calls: Calls,
): Outcome | undefined {
  const reason = calls.difference ?? signal.reason;
  if (reason instanceof ClaimLostError) return { status: "lost" };
  if (reason instanceof CancelledError) return { status: "cancelled" };
  if (reason instanceof TimeoutError) {
    return failure(describeError(reason), definition, claimed, calls);
  }
  if (reason instanceof NonDeterminismError) {
    return { status: "failed", error: describeError(reason), isDifferent: true };
  }
  if (reason instanceof RunDroppedError) {
    return { status: "queued", error: describeError(reason), delayMs: 0, isDropped: true };
  }
  return undefined;
}

function failure(
  error: StoredError,
  { retry }: Definition,
  { attempt, maxAttempts }: ClaimedTask,
  { reopenAfter }: Calls,
): Outcome {
  const isFinal = !retry || error.nonRetryable || attempt >= maxAttempts;
  if (isFinal) return { status: "failed", error, reopenAfter };
  const delayMs = backoffMsAfter(attempt, retry, Math.random());
  return { status: "queued", error, delayMs, reopenAfter };
}
