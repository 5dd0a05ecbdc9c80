import { setMaxListeners } from "node:events";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { ChildFailedError, StepFailedError } from "../errors.ts";

/**
 * The time in which the calls of a run settle: until its handler has ended, or its signal has fired. After that no call
 * settles, so the handler stops at its next call, and is abandoned.
 */
export class Lifetime {
  /** Rejects when the handler is abandoned: the signal has fired, no step is running, and the handler waits for a call. */
  readonly abandoned: Promise<never>;
  readonly signal: AbortSignal;
  readonly #abort: AbortController;
  readonly #over = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #abandon: (reason: unknown) => void = () => {};
  #unsettled = 0;
  #isSuspended = false;

  constructor(abort: AbortController) {
    this.#abort = abort;
    this.signal = abort.signal;
    this.abandoned = new Promise((_, reject) => {
      this.#abandon = reject;
    });
    // It may reject before anything awaits it.
    this.abandoned.catch(() => {});
    // Any number of steps may listen to them.
    setMaxListeners(0, this.signal, this.over);
    this.signal.addEventListener("abort", () => {
      this.#over.abort();
      this.#checkStuck();
    });
  }

  /** Fires when no call settles any more. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Fires the run's signal, unless the handler has ended. */
  endEarly(reason: Error): void {
    if (!this.over.aborted) this.#abort.abort(reason);
  }

  /** The handler has ended. */
  end(): void {
    this.#over.abort();
  }

  /** The task is suspended: its handler is abandoned, although its signal does not fire. */
  suspend(): void {
    this.#isSuspended = true;
    this.end();
    this.#abandon(new Error("The task is suspended"));
  }

  get isSuspended(): boolean {
    return this.#isSuspended;
  }

  /** The number of steps that are running. */
  get running(): number {
    return this.#running.size;
  }

  /** Returns the result of a call, and never settles if the run is over by then. */
  settle<T>(call: () => Promise<T>): Promise<T> {
    const settled = this.#unlessOver(call);
    // If it rejects and nothing ever awaits it, that is no reason to end the process.
    settled.catch(() => {});
    return settled;
  }

  async #unlessOver<T>(call: () => Promise<T>): Promise<T> {
    this.#unsettled += 1;
    this.#checkStuck();
    if (this.over.aborted) await never();
    try {
      return await call();
    } catch (error) {
      // The call was refused. A handler that catches this and calls again must not block the event loop.
      if (!(error instanceof StepFailedError || error instanceof ChildFailedError))
        await nextTurn();
      throw error;
    } finally {
      if (this.over.aborted) await never();
      this.#unsettled -= 1;
    }
  }

  /** Returns the result of a step, which the end of the run waits for. */
  track<T>(step: Promise<T>): Promise<T> {
    this.#running.add(step);
    return step.finally(() => {
      this.#running.delete(step);
      this.#checkStuck();
    });
  }

  /** Resolves when the steps under way have ended, or after `graceMs` milliseconds. */
  async stepsEnded(graceMs: number): Promise<void> {
    if (this.#running.size === 0) return;
    const timer = new AbortController();
    const timeIsUp = sleep(graceMs, undefined, timer).catch(() => {});
    await Promise.race([timeIsUp, Promise.allSettled(this.#running)]);
    timer.abort();
  }

  #checkStuck(): void {
    const isStuck = this.signal.aborted && this.#running.size === 0 && this.#unsettled > 0;
    if (isStuck) this.#abandon(this.signal.reason);
  }
}

/** Returns a promise that never settles. A new one each time: a shared one would keep all that wait for it in memory. */
function never(): Promise<never> {
  return new Promise(() => {});
}
