import { isUnknownReference } from "shared/database";
import { checkKey, encodeJson, hashJson } from "shared/values";
import type { call_kind, Json } from "../../sql/queries.ts";
import {
  ChildFailedError,
  NonDeterminismError,
  StepFailedError,
  UnknownConcurrencyKeyError,
} from "../errors.ts";
import { checkRetryPolicy, maxAttemptsOf } from "../retry-policy.ts";
import { type ChildOptions, checkOptions, type StepOptions, type TaskDefinition } from "../task.ts";
import { Decisions } from "./decisions.ts";
import { Delivery } from "./delivery.ts";
import type { Call, EventLog, LoggedEvent } from "./event-log.ts";
import type { Lifetime } from "./lifetime.ts";
import { type Difference, report } from "./report.ts";
import { refuseWithinStep, runStep, type Work } from "./run-step.ts";
import { Suspension } from "./suspension.ts";

type Claim = { id: string; name: string; eventCount: number; events: Json };

/** The calls of one run. Compares each with the event log, takes its result from there, or runs it. */
export class Calls {
  readonly log: EventLog;
  readonly #task: Claim;
  readonly #lifetime: Lifetime;
  readonly #decisions: Decisions;
  readonly #delivery: Delivery;
  readonly #suspension: Suspension;
  readonly #patches = new Map<string, Promise<unknown>>();
  #difference: NonDeterminismError | undefined;
  #started: Promise<unknown> = Promise.resolve();

  constructor(claim: Claim, log: EventLog, lifetime: Lifetime, stallMs: number) {
    this.log = log;
    this.#task = claim;
    this.#lifetime = lifetime;
    this.#decisions = new Decisions((claim.events ?? []) as LoggedEvent[], claim.eventCount);
    const stall = {
      afterMs: stallMs,
      onStall: (missing: Call) => lifetime.endEarly(this.#differ("missing", missing, "waits")),
    };
    const onQuiet = () => this.#suspension.consider();
    this.#delivery = new Delivery(this.#decisions, lifetime.over, stall, onQuiet);
    const [decisions, delivery] = [this.#decisions, this.#delivery];
    this.#suspension = new Suspension({ decisions, delivery, lifetime, log });
  }

  get reopenAfter(): number {
    return this.#decisions.reopenAfter;
  }

  /** How the handler differs from its log, if it does. */
  get difference(): NonDeterminismError | undefined {
    return this.#difference;
  }

  /** Makes a call. Rejects with a `StepFailedError` if it has failed for good. */
  make(kind: call_kind, name: string, options: StepOptions, work: Work): Promise<unknown> {
    return this.#lifetime.settle(() => this.#settle(kind, name, options, work));
  }

  /** Makes the call of a patch, if it applies here. Resolves with false if it does not. */
  patched(name: string, work: Work): Promise<unknown> {
    return this.#lifetime.settle(() => {
      this.#check("patched", name);
      const before = this.#patches.get(name);
      if (before) return before;
      const answer = this.#decisions.isPatched(name)
        ? this.#settle("patched", name, {}, work)
        : Promise.resolve(false);
      this.#patches.set(name, answer);
      return answer;
    });
  }

  /** Makes the call of a child. Rejects with a `ChildFailedError` if it has failed for good, or was cancelled. */
  runChild(
    { name, retry }: TaskDefinition<never, unknown>,
    input: unknown,
    options: ChildOptions,
  ): Promise<unknown> {
    return this.#lifetime.settle(async () => {
      checkOptions(options);
      // Encoded now: the handler may change the object.
      const json = encodeJson(input, "input");
      const child = { ...options, input: json, maxAttempts: maxAttemptsOf(retry) };
      const start: Work = (call, { attempt }) => {
        // One after the other: calls that are made side by side start in their order.
        const childId = this.#decisions.lastOf(call)?.childId ?? null;
        const started = this.#started.then(() =>
          this.log.startChild(call, attempt, { ...child, childId }),
        );
        this.#started = started.catch(() => {});
        return started.catch((error) => {
          const isUnknownKey = isUnknownReference(error, "tasks_concurrency_key_fkey");
          throw isUnknownKey ? new UnknownConcurrencyKeyError(`${options.concurrencyKey}`) : error;
        });
      };
      return this.#settle("child", name, { input: JSON.parse(json) }, start);
    });
  }

  /** The handler has ended: `how` says how. Compares it with its log, which may hold calls that it has not made. */
  end(how: string, cause?: unknown): void {
    const missing = this.#decisions.missing();
    if (missing && !this.#lifetime.over.aborted) this.#differ("missing", missing, how, cause);
    this.#lifetime.end();
  }

  /** Resolves when it is certain whether the task is suspended. */
  suspensionSettled(): Promise<void> {
    return this.#suspension.settled();
  }

  // Nothing is awaited before the call has its position: calls made side by side have the same positions in each run.
  async #settle(kind: call_kind, name: string, options: StepOptions, work: Work): Promise<unknown> {
    this.#check(kind, name);
    if (options.retry) checkRetryPolicy(options.retry);
    const inputHash = options.input === undefined ? null : hashJson(options.input, "input");
    const { call, decision } = this.#decisions.make({ kind, name, inputHash });
    if (decision === "different" || decision === "changed") {
      this.#lifetime.endEarly(this.#differ(decision, call));
    }
    const settled = this.#delivery.settlementOf(call.position);
    if (decision === "run") this.#run(call, options, work);
    const { output, error, childId } = await settled;
    if (!error) return output;
    throw kind === "child"
      ? new ChildFailedError(name, childId, error)
      : new StepFailedError(name, error);
  }

  async #run(call: Call, options: StepOptions, work: Work): Promise<void> {
    // If a call after a patch were in the log and the patch were not, the task would look as if it had been past the patch.
    const patches = [...this.#patches.values()];
    await this.#delivery.live();
    await Promise.allSettled(patches);
    await this.#suspension.settled();
    if (this.#lifetime.over.aborted) return;
    const { log } = this;
    const lifetime = this.#lifetime;
    const attempts = this.#decisions.lastOf(call)?.attempt ?? 0;
    const deliver = (event: LoggedEvent) => this.#delivery.add(event);
    // It rejects if the run is over.
    await lifetime
      .track(runStep(call, attempts, options, work, { log, lifetime, deliver }))
      .catch(() => {});
  }

  #differ(
    how: Difference["how"],
    { position }: Call,
    ending?: string,
    cause?: unknown,
  ): NonDeterminismError {
    const { logged, made } = this.#decisions;
    const text = report(this.#task, { how, position, logged, made, ending });
    this.#difference = new NonDeterminismError(text, { cause });
    return this.#difference;
  }

  #check(kind: string, name: string): void {
    refuseWithinStep(this.log, kind, name);
    checkKey(name, "name");
  }
}
