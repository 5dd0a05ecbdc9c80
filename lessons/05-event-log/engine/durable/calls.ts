import { checkKey } from "shared/values";
import type { call_kind, Json } from "../../sql/queries.ts";
import { StepFailedError } from "../errors.ts";
import { checkRetryPolicy } from "../retry-policy.ts";
import type { StepOptions } from "../task.ts";
import type { EventLog, LoggedEvent } from "./event-log.ts";
import type { Lifetime } from "./lifetime.ts";
import { refuseWithinStep, runStep, type Work } from "./run-step.ts";

/** The calls of one run. Takes the result of a call from the event log, or runs it. */
export class Calls {
  readonly log: EventLog;
  readonly #lifetime: Lifetime;
  /** Of each position, as of the claim. */
  readonly #lastEvents: Map<number, LoggedEvent>;
  readonly #lastPosition: number;
  #made = 0;
  #lastFailure = 0;
  #reopenAfter: number;

  constructor(claim: { eventCount: number; events: Json }, log: EventLog, lifetime: Lifetime) {
    this.log = log;
    this.#lifetime = lifetime;
    const events = (claim.events ?? []) as LoggedEvent[];
    this.#lastEvents = new Map(events.map((event) => [event.position, event]));
    this.#lastPosition = Math.max(0, ...this.#lastEvents.keys());
    this.#reopenAfter = claim.eventCount;
  }

  /**
   * Failures after this event may be what failed the handler: it has made no call since. While it has not made all calls of
   * its log, this is the length of the log, as an earlier run may have built on any failure in it.
   */
  get reopenAfter(): number {
    return this.#reopenAfter;
  }

  /** Makes a call. Rejects with a `StepFailedError` if it has failed for good. */
  make(kind: call_kind, name: string, options: StepOptions, work: Work): Promise<unknown> {
    return this.#lifetime.settle(() => this.#settle(kind, name, options, work));
  }

  // Nothing is awaited before the call has its position: calls made side by side have the same positions in each run.
  async #settle(kind: call_kind, name: string, options: StepOptions, work: Work): Promise<unknown> {
    const { log } = this;
    const lifetime = this.#lifetime;
    refuseWithinStep(log, kind, name);
    checkKey(name, "name");
    if (options.retry) checkRetryPolicy(options.retry);
    this.#made += 1;
    const call = { position: this.#made, kind, name };
    if (this.#made >= this.#lastPosition) this.#reopenAfter = this.#lastFailure;

    const last = this.#lastEvents.get(call.position);
    const isSettled = last?.status === "succeeded" || last?.status === "failed";
    const { seq, output, error } = await (isSettled
      ? last
      : lifetime.track(runStep(call, last?.attempt ?? 0, options, work, { log, lifetime })));
    if (!error) return output;
    this.#lastFailure = Math.max(this.#lastFailure, seq);
    throw new StepFailedError(name, error);
  }
}
