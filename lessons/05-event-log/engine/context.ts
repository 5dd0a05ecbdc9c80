import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { answers, isConflict, isLostTransaction, type Sql, transaction } from "shared/database";
import { checkKey, encodeJson, type Stored, type StoredError } from "shared/values";
import { untilAnswered } from "./answer.ts";
import { describeError, isNonRetryable, NonRetryableError, StepFailedError } from "./errors.ts";
import { untilLeft } from "./grace.ts";
import { type Call, History, type LoggedEvent } from "./history.ts";
import { backoffMsAfter, checkRetryPolicy, maxAttemptsOf } from "./retry.ts";
import type { Semaphore } from "./semaphore.ts";
import type { StepInfo, StepOptions, TaskContext } from "./task.ts";

type Claimed = { id: string; fence: number; attempt: number; events: LoggedEvent[] };

export type Means = {
  sql: Sql;
  /** Holds back transactions that would leave the worker no connection. */
  transactions: Semaphore;
  abort: AbortController;
  /** How long what runs may go on after `abort` has fired. */
  graceMs: number;
};

/** Runs a call once, and returns what a replay of it will return. */
type Run = (call: Call, step: StepInfo) => Promise<unknown>;

/** The step that the code which asks is part of. */
const currentStep = new AsyncLocalStorage<{ context: Context; call: Call }>();

/** All that a running handler can say; it lives as long as the handler runs. */
export class Context implements TaskContext {
  readonly taskId: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly #history: History;
  readonly #means: Means;
  readonly #running = new Set<Promise<unknown>>();
  readonly #failures: { call: Call; attempt: number }[] = [];
  #calls = 0;
  #goneOn: Promise<void> = Promise.resolve();
  readonly #over = new AbortController();
  #isClosed = false;
  #hasRefused = false;

  constructor(claimed: Claimed, means: Means) {
    this.taskId = claimed.id;
    this.attempt = claimed.attempt;
    this.signal = means.abort.signal;
    this.#history = new History(means.sql, claimed, means.abort);
    this.#means = means;
    this.signal.addEventListener("abort", () => this.#over.abort());
  }

  readonly step: TaskContext["step"] = (name, run, options = {}) =>
    this.#call("step", name, options, async (call, step) => {
      const output = encodeJson(await run(step), "output");
      // A crash here runs the step again: at least once, and never after its event.
      await this.#history.append(call, step.attempt, { status: "succeeded", output });
      return JSON.parse(output);
    });

  readonly transaction: TaskContext["transaction"] = (name, run, options = {}) =>
    this.#call("transaction", name, options, async (call, step) => {
      const { sql, transactions, abort, graceMs } = this.#means;
      let isFirst = true;
      let ownError: unknown;
      const once = () =>
        transaction(sql, async (tx) => {
          // What an earlier one may have committed must not be done again, nor be in the way.
          const written = isFirst ? undefined : await this.#history.findOn(tx, call, step.attempt);
          if (written) return written.output;
          isFirst = false;
          const work = (async () => run(tx, step))().catch(async (error) => {
            if (!isConflict(error) && (await answers(tx))) ownError = error;
            throw error;
          });
          const output = encodeJson(await untilLeft(work, step.signal, graceMs), "output");
          await this.#history.appendOn(tx, call, step.attempt, { status: "succeeded", output });
          return JSON.parse(output);
        });
      const isLost = (error: unknown) => error !== ownError && isLostTransaction(error);
      try {
        return await untilAnswered(() => transactions.run(once), isLost);
      } catch (error) {
        if (isLost(error)) abort.abort(error);
        throw error;
      }
    });

  /** Whether it has refused a call: what the handler has made of that is no outcome. */
  get hasRefused(): boolean {
    return this.#hasRefused;
  }

  /**
   * Keeps that the program has gone on from the failures it was told of: that is what came of those calls, even if
   * another attempt would have succeeded. What builds on it may not happen before it is written.
   */
  goOn(): Promise<void> {
    const failures = this.#failures.splice(0);
    this.#goneOn = this.#goneOn.then(async () => {
      for (const { call, attempt } of failures) {
        await this.#history.append(call, attempt, { status: "caught" });
      }
    });
    return this.#goneOn;
  }

  /** Refuses all calls from now on. */
  close(): void {
    this.#isClosed = true;
    this.#over.abort();
  }

  /** Returns when the calls under way have ended, or after `graceMs` milliseconds. */
  async settled(graceMs: number): Promise<void> {
    const timer = new AbortController();
    const timeIsUp = sleep(graceMs, undefined, timer).catch(() => {});
    await Promise.race([timeIsUp, Promise.allSettled(this.#running)]);
    timer.abort();
  }

  #call<T>(kind: Call["kind"], name: string, options: StepOptions, run: Run): Promise<Stored<T>> {
    const settled = this.#settle(kind, name, options, run);
    this.#running.add(settled);
    const forget = () => this.#running.delete(settled);
    // A call that fails and that nobody awaits is no crash.
    settled.then(forget, forget);
    return settled as Promise<Stored<T>>;
  }

  async #settle(
    kind: Call["kind"],
    name: string,
    { retry }: StepOptions,
    run: Run,
  ): Promise<unknown> {
    this.#check(kind, name);
    if (retry) checkRetryPolicy(retry);
    // Counted before anything is awaited: calls made side by side have the same positions each time.
    this.#calls += 1;
    const call = { position: this.#calls, kind, name };
    const events = this.#history.of(call);
    const last = events.at(-1);
    if (last?.status === "succeeded") return last.output;
    if (last?.status === "caught") throw new StepFailedError(name, lastError(events));
    // Before anything is awaited: the call can only build on what the program has been told by now.
    await this.goOn();
    const idempotencyKey = `${this.taskId}/${call.position}`;
    for (let attempt = events.length + 1; ; attempt += 1) {
      this.#refuseIfOver(kind, name);
      try {
        const step = { attempt, idempotencyKey, signal: this.signal };
        return await currentStep.run({ context: this, call }, () => run(call, step));
      } catch (thrown) {
        // What fails because its signal has fired has not failed by itself.
        if (this.signal.aborted) this.#refuse(this.signal.reason);
        const error = describeError(thrown);
        await this.#history.append(call, attempt, { status: "failed", error });
        if (isNonRetryable(thrown) || !retry || attempt >= maxAttemptsOf(retry)) {
          this.#failures.push({ call, attempt });
          throw new StepFailedError(name, error);
        }
        await this.#pause(backoffMsAfter(attempt, retry, Math.random()));
      }
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
    if (this.signal.aborted) this.#refuse(this.signal.reason);
    if (!this.#isClosed) return;
    this.#refuse(
      new Error(`Task ${this.taskId} has ended before its ${kind} "${name}"; await every call`),
    );
  }

  #refuse(reason: unknown): never {
    this.#hasRefused = true;
    throw reason;
  }
}

function lastError(events: LoggedEvent[]): StoredError {
  return events.findLast(({ error }) => error !== null)?.error as StoredError;
}

function within(outer: Call, kind: string, name: string): string {
  return `The ${kind} "${name}" is called within the ${outer.kind} "${outer.name}", which would not be run to make that call when it is replayed; make one after the other`;
}
