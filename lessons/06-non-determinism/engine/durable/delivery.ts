import type { Decisions } from "./decisions.ts";
import type { Call, LoggedEvent } from "./event-log.ts";

// What a handler waits for may come late if the event loop was blocked.
const LAST_CHANCE_MS = 1_000;

/** What happens if the handler waits for its calls for `afterMs` and has not made a call that its log holds. */
export type Stall = { afterMs: number; onStall: (missing: Call) => void };

/**
 * Settles the calls of a handler in the order of its log, one at a time, and each only when the handler has done all it can
 * after the one before. So branches that run side by side, or race, see the same order in each run.
 */
export class Delivery {
  readonly #decisions: Decisions;
  readonly #over: AbortSignal;
  readonly #stall: Stall;
  readonly #waiting = new Map<number, (event: LoggedEvent) => void>();
  #runs: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isDelivering = false;

  /** Settles nothing more when `over` has fired. */
  constructor(decisions: Decisions, over: AbortSignal, stall: Stall) {
    this.#decisions = decisions;
    this.#over = over;
    this.#stall = stall;
    over.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /** Resolves with the event that settles the call at this position, when its turn has come. */
  settlementOf(position: number): Promise<LoggedEvent> {
    return new Promise((resolve) => {
      this.#waiting.set(position, resolve);
      this.#deliver();
    });
  }

  /** Resolves when the handler has been compared with all of its log. */
  live(): Promise<void> {
    return new Promise((resolve) => {
      this.#runs.push(resolve);
      this.#deliver();
    });
  }

  /** Adds an event that was appended since the claim. */
  add(event: LoggedEvent): void {
    this.#decisions.add(event);
    this.#deliver();
  }

  async #deliver(): Promise<void> {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    clearTimeout(this.#timer);
    do await quiet();
    while (!this.#over.aborted && (this.#deliverNext() || this.#startRuns()));
    this.#isDelivering = false;
    if (this.#over.aborted) return;
    const missing = this.#waiting.size > 0 ? this.#decisions.missing() : undefined;
    if (missing) this.#timer = setTimeout(() => this.#checkStall(missing), this.#stall.afterMs);
  }

  async #checkStall(missing: Call): Promise<void> {
    const ms = Math.min(this.#stall.afterMs, LAST_CHANCE_MS);
    await new Promise((resolve) => setTimeout(resolve, ms));
    const isStalled = !this.#isDelivering && this.#decisions.missing() === missing;
    if (isStalled && !this.#over.aborted) this.#stall.onStall(missing);
  }

  #deliverNext(): boolean {
    const event = this.#decisions.next();
    if (!event) return false;
    this.#waiting.get(event.position)?.(event);
    this.#waiting.delete(event.position);
    return true;
  }

  #startRuns(): boolean {
    if (this.#runs.length === 0 || this.#decisions.phase !== "live") return false;
    for (const start of this.#runs.splice(0)) start();
    return true;
  }
}

/** Resolves when no microtask is left: Node runs all of them, and those they queue, before the next turn of the event loop. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
