import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { answers, isConflict, isLostTransaction, type Sql, transaction } from "shared/database";
import { checkKey, encodeJson, type Stored } from "shared/values";
import { untilAnswered } from "./answer.ts";
import { checkOptions } from "./client.ts";
import { Delivery } from "./delivery.ts";
import {
  ChildFailedError,
  describeError,
  isNonRetryable,
  NonRetryableError,
  StepFailedError,
} from "./errors.ts";
import { untilLeft } from "./grace.ts";
import { type Call, History, type LoggedEvent, type Settlement } from "./history.ts";
import { Interruption } from "./interruption.ts";
import { backoffMsAfter, checkRetryPolicy, maxAttemptsOf, type RetryPolicy } from "./retry.ts";
import type { Semaphore } from "./semaphore.ts";
import { Suspension } from "./suspension.ts";
import type { DurableContext, StepInfo, StepOptions } from "./task.ts";
import type { Appended, Writes } from "./writes.ts";

type Claimed = {
  id: string;
  name: string;
  fence: number;
  attempt: number;
  eventCount: number;
  history: number;
  retriedSeq: number;
  events: LoggedEvent[];
};

export type Means = {
  sql: Sql;
  writes: Writes;
  /** Holds back transactions that would leave the worker no connection. */
  transactions: Semaphore;
  abort: Interruption;
  /** How long what runs may go on after `abort` has fired. */
  graceMs: number;
};

/** Runs a call once, and returns the event that keeps what a replay of it will return, or that it has begun. */
type Run = (call: Call, step: StepInfo) => Promise<Appended | { seq: number }>;

/** The step that the code which asks is part of. */
const currentStep = new AsyncLocalStorage<{ context: Context; call: Call }>();

/** All that a running handler can say; it lives as long as the handler runs. */
export class Context implements DurableContext {
  readonly taskId: string;
  readonly attempt: number;
  readonly #keySuffix: string;
  readonly #history: History;
  readonly #delivery: Delivery;
  readonly #suspension: Suspension;
  readonly #means: Means;
  readonly #running = new Set<Promise<unknown>>();
  readonly #failures: { call: Call; attempt: number }[] = [];
  readonly #patches = new Map<string, Promise<boolean>>();
  #answered: Promise<unknown> = Promise.resolve();
  #goneOn: Promise<void> = Promise.resolve();
  readonly #over = new Interruption();
  readonly #refusal: Promise<Settlement>;
  #children = 0;
  #isClosed = false;
  #hasRefused = false;

  constructor(claimed: Claimed, means: Means) {
    this.taskId = claimed.id;
    this.attempt = claimed.attempt;
    this.#keySuffix = claimed.history > 1 ? `/${claimed.history}` : "";
    const onStalled = () => this.#history.end("waits");
    this.#delivery = new Delivery(claimed, onStalled, () => this.#suspension.consider());
    this.#history = new History(means, claimed, (reason) => this.#stop(reason));
    this.#means = means;
    means.abort.onAbort(() => this.#over.abort(OVER));
    this.#refusal = new Promise((resolve) => {
      means.abort.onAbort(() => resolve({ refusal: means.abort.reason }));
    });
    const program = {
      isBusy: () => this.#running.size > 0,
      awaitsChildren: () => this.#children > 0,
    };
    this.#suspension = new Suspension(this.#delivery, this.#history, program, this.#over);
  }

  readonly step: DurableContext["step"] = (name, run, options = {}) =>
    this.#call("step", name, options, async (call, step) => {
      const output = encodeJson(await run(step), "output");
      // A crash here runs the step again: at least once, and never after its event.
      return this.#succeed(call, step, output);
    });

  readonly transaction: DurableContext["transaction"] = (name, run, options = {}) =>
    this.#call("transaction", name, options, async (call, step) => {
      const { sql, transactions, abort, graceMs } = this.#means;
      let isFirst = true;
      let ownError: unknown;
      const once = () =>
        transaction(sql, async (tx) => {
          // What an earlier one may have committed must not be done again, nor be in the way.
          const written = isFirst ? undefined : await this.#history.findOn(tx, call, step.attempt);
          if (written) return written;
          isFirst = false;
          const work = (async () => run(tx, step))().catch(async (error) => {
            if (!isConflict(error) && (await answers(tx))) ownError = error;
            throw error;
          });
          const output = encodeJson(await untilLeft(work, abort, graceMs), "output");
          const result = { status: "succeeded", output } as const;
          const { seq } = await this.#history.appendOn(tx, call, step.attempt, result);
          return { seq, output: JSON.parse(output) };
        });
      const isLost = (error: unknown) => error !== ownError && isLostTransaction(error);
      try {
        return await untilAnswered(() => transactions.run(once), isLost);
      } catch (error) {
        if (isLost(error)) this.#stop(error);
        throw error;
      }
    });

  readonly now: DurableContext["now"] = () => {
    // The output is the time at which Postgres writes the event.
    const time = this.#call("now", "now", {}, (call, { attempt }) =>
      this.#history.append(call, attempt, { status: "succeeded", output: "null" }),
    );
    return unawaited(time.then((text) => new Date(text as string)));
  };

  readonly random: DurableContext["random"] = () =>
    this.#call("random", "random", {}, (call, step) =>
      this.#succeed(call, step, JSON.stringify(Math.random())),
    );

  readonly uuid: DurableContext["uuid"] = () =>
    this.#call("uuid", "uuid", {}, (call, step) =>
      this.#succeed(call, step, JSON.stringify(randomUUID())),
    );

  readonly patched: DurableContext["patched"] = (name) => {
    const before = this.#patches.get(name);
    if (before) return before;
    try {
      this.#check("patched", name);
    } catch (refusal) {
      return unawaited(Promise.reject(refusal));
    }
    const answer: Promise<boolean> = this.#history.isPatched(name)
      ? this.#call("patched", name, {}, (call, step) => this.#succeed(call, step, "true"))
      : Promise.resolve(false);
    this.#patches.set(name, answer);
    // A later call that was written before the patch would look as if the task had been past this place.
    this.#answered = Promise.allSettled([this.#answered, answer]);
    return answer;
  };

  readonly run: DurableContext["run"] = (definition, input, options = {}) => {
    // What it is given now, whatever becomes of that object.
    let json = "";
    const child = async () => {
      checkOptions(options);
      json = encodeJson(input, "input");
      return this.#settle("child", definition.name, { input: JSON.parse(json) }, start);
    };
    const start: Run = async (call, { attempt }) => {
      // A crash before this leaves no child, and one after it leaves one that the log knows of.
      const { seq } = await this.#history.startChild(call, attempt, {
        definition,
        input: json,
        options,
      });
      return { seq };
    };
    return unawaited(child()) as never;
  };

  get signal(): AbortSignal {
    return this.#means.abort.signal;
  }

  /** Resolves when the task waits for its children, and is no longer this worker's; its handler never ends then. */
  get suspended(): Promise<"suspended" | "lost"> {
    return this.#suspension.done;
  }

  /** Whether its handler has ended, or was left to itself. */
  get hasEnded(): boolean {
    return this.#isClosed;
  }

  /** Whether it has refused a call: what the handler has made of that is no outcome. */
  get hasRefused(): boolean {
    return this.#hasRefused;
  }

  /**
   * Keeps that the program has gone on from the failures it was told of: that is what came of those calls, even if
   * another attempt would have succeeded. What builds on it may not happen before it is written.
   */
  goOn(): Promise<void> {
    if (this.#failures.length === 0 && !this.#suspension.isAsking) return this.#goneOn;
    const failures = this.#failures.splice(0);
    this.#goneOn = this.#goneOn.then(async () => {
      await this.#suspension.none();
      for (const { call, attempt } of failures) {
        const { seq } = await this.#history.append(call, attempt, { status: "caught" });
        this.#delivery.add(seq, call.position);
      }
    });
    return this.#goneOn;
  }

  /** The handler has ended, in this way: refuses all calls from now on, and stops if the log holds more of them. */
  end(how: string, cause?: unknown): void {
    if (!this.#means.abort.aborted) this.#history.end(how, cause);
    this.#isClosed = true;
    this.#over.abort(OVER);
    this.#delivery.close();
  }

  /** Returns when the calls under way have ended, or after `graceMs` milliseconds. */
  async settled(graceMs: number): Promise<void> {
    const timer = new AbortController();
    const timeIsUp = sleep(graceMs, undefined, timer).catch(() => {});
    await Promise.race([timeIsUp, Promise.allSettled(this.#running)]);
    timer.abort();
  }

  #call<T>(kind: Call["kind"], name: string, options: StepOptions, run: Run): Promise<Stored<T>> {
    return unawaited(this.#settle(kind, name, options, run)) as Promise<Stored<T>>;
  }

  // Asks before it awaits anything: calls made side by side have the same positions each time.
  async #settle(
    kind: Call["kind"],
    name: string,
    { retry, input }: StepOptions,
    run: Run,
  ): Promise<unknown> {
    this.#check(kind, name);
    if (retry) checkRetryPolicy(retry);
    const call = this.#history.ask(kind, name, input);
    const settlement = this.#delivery.of(call.position);
    const last = this.#history.of(call).at(-1);
    const isReplayed = last?.status === "succeeded" || last?.status === "caught";
    const isToRun = this.#history.isToRun(call);
    const attempt = isToRun ? await this.#track(this.#run(call, retry, run)) : (last?.attempt ?? 0);
    const settled = await (kind === "child" ? this.#unlessRefused(settlement) : settlement);
    if ("output" in settled) return settled.output;
    if ("refusal" in settled) this.#refuse(settled.refusal);
    if (!isReplayed) this.#failures.push({ call, attempt });
    if (kind === "child") throw new ChildFailedError(name, settled.childId, settled.error);
    throw new StepFailedError(name, settled.error);
  }

  /** What came of a child; there is no end to wait for when this handler is to end. */
  async #unlessRefused(settlement: Promise<Settlement>): Promise<Settlement> {
    this.#children += 1;
    const settled = await Promise.race([settlement, this.#refusal]);
    this.#children -= 1;
    return settled;
  }

  /** Runs a call that the log has not settled, until it is settled; returns its last attempt. */
  async #run(call: Call, retry: RetryPolicy | undefined, run: Run): Promise<number> {
    // Before anything is awaited: the call can only build on what the program has been told by now.
    const answered = this.#answered;
    const goneOn = this.goOn();
    await this.#delivery.caughtUp();
    await answered;
    await goneOn;
    // Mostly there is nothing to wait for, and each promise takes its time.
    if (this.#suspension.isAsking) await this.#suspension.none();
    const idempotencyKey = `${this.taskId}/${call.position}${this.#keySuffix}`;
    for (let attempt = (this.#history.of(call).at(-1)?.attempt ?? 0) + 1; ; attempt += 1) {
      this.#refuseIfOver(call.kind, call.name);
      const { abort } = this.#means;
      const step = {
        attempt,
        idempotencyKey,
        get signal() {
          return abort.signal;
        },
      };
      try {
        const appended = await currentStep.run({ context: this, call }, () => run(call, step));
        const settlement = "output" in appended ? { output: appended.output } : undefined;
        this.#delivery.add(appended.seq, call.position, settlement);
        return attempt;
      } catch (thrown) {
        // What fails because its signal has fired has not failed by itself.
        if (abort.aborted) this.#refuse(abort.reason);
        const error = describeError(thrown);
        const { seq } = await this.#history.append(call, attempt, { status: "failed", error });
        const isFinal = isNonRetryable(thrown) || !retry || attempt >= maxAttemptsOf(retry);
        this.#delivery.add(seq, call.position, isFinal ? { error, childId: null } : undefined);
        if (isFinal) return attempt;
        await this.#pause(backoffMsAfter(attempt, retry, Math.random()));
      }
    }
  }

  async #succeed(call: Call, { attempt }: StepInfo, output: string): Promise<Appended> {
    const result = { status: "succeeded", output } as const;
    const { seq } = await this.#history.append(call, attempt, result);
    // What a replay will see, the program sees at once.
    return { seq, output: JSON.parse(output) };
  }

  async #track<T>(run: Promise<T>): Promise<T> {
    this.#running.add(run);
    try {
      return await run;
    } finally {
      this.#running.delete(run);
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#over.signal }).catch(() => {});
  }

  /** Throws if no call may be made now, or not this one. */
  #check(kind: Call["kind"], name: string): void {
    this.#refuseIfOver(kind, name);
    const outer = currentStep.getStore();
    if (outer?.context === this) throw new NonRetryableError(within(outer.call, kind, name));
    checkKey(name, "name");
  }

  #refuseIfOver(kind: Call["kind"], name: string): void {
    const { abort } = this.#means;
    if (abort.aborted) this.#refuse(abort.reason);
    if (!this.#isClosed) return;
    this.#refuse(
      new Error(`Task ${this.taskId} has ended before its ${kind} "${name}"; await every call`),
    );
  }

  #stop(reason: unknown): void {
    this.#means.abort.abort(reason);
    this.#delivery.refuse(reason);
  }

  #refuse(reason: unknown): never {
    this.#hasRefused = true;
    throw reason;
  }
}

// Without a reason of ours each handler would make one with a stack trace.
const OVER = new Error("The handler has ended");

/** The same promise; if it rejects and nobody awaits it, that is no crash. */
function unawaited<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

function within(outer: Call, kind: string, name: string): string {
  return `The ${kind} "${name}" is called within the ${outer.kind} "${outer.name}", which would not be run to make that call when it is replayed; make one after the other`;
}
