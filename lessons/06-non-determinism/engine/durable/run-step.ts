import { AsyncLocalStorage } from "node:async_hooks";
import { describeError } from "shared/values";
import { ClaimLostError, isNonRetryable, NonRetryableError, RunDroppedError } from "../errors.ts";
import { backoffMsAfter, maxAttemptsOf } from "../retry-policy.ts";
import type { StepInfo, StepOptions } from "../task.ts";
import type { Call, EventLog, LoggedEvent } from "./event-log.ts";
import type { Lifetime } from "./lifetime.ts";
import { pause } from "./pause.ts";

/** Runs one attempt of a call and appends its event if it succeeds. Throws what the attempt has thrown. */
export type Work = (call: Call, step: StepInfo) => Promise<LoggedEvent>;

type Means = { log: EventLog; lifetime: Lifetime; deliver: (event: LoggedEvent) => void };

/** The step that the running code is part of. */
const currentStep = new AsyncLocalStorage<{ log: EventLog; call: Call }>();

/**
 * Attempts a call until it succeeds or has failed for good, and delivers each event. `attempts` is the number of its
 * earlier attempts. Throws if the run is over by then.
 */
export async function runStep(
  call: Call,
  attempts: number,
  { retry }: StepOptions,
  work: Work,
  { log, lifetime, deliver }: Means,
): Promise<void> {
  const { signal, over } = lifetime;
  const idempotencyKey = `${log.taskId}/${call.position}`;
  for (let attempt = attempts + 1; ; attempt += 1) {
    try {
      const step = { attempt, idempotencyKey, signal };
      return deliver(await currentStep.run({ log, call }, () => work(call, step)));
    } catch (thrown) {
      // A step that fails after its signal has fired has not failed by itself.
      if (signal.aborted) throw thrown;
      // Nor has one whose event may be in the log, or cannot be, as the claim is lost.
      if (thrown instanceof RunDroppedError || thrown instanceof ClaimLostError) throw thrown;
      const error = describeError(thrown, isNonRetryable);
      const isFinal = !retry || error.nonRetryable || attempt >= maxAttemptsOf(retry);
      const status = isFinal ? "failed" : "retried";
      deliver(await log.append(call, attempt, { status, error }));
      if (isFinal) return;
      await pause(backoffMsAfter(attempt, retry, Math.random()), over);
      if (over.aborted) throw thrown;
    }
  }
}

/** Throws if the call is made within a step: a later run would not run the step again, and so would not make the call. */
export function refuseWithinStep(log: EventLog, kind: string, name: string): void {
  const outer = currentStep.getStore();
  if (outer?.log !== log) return;
  throw new NonRetryableError(
    `The ${kind} "${name}" is called within the ${outer.call.kind} "${outer.call.name}"; make one call after the other`,
  );
}
