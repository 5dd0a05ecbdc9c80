import type { StoredError } from "shared/values";
import type { LoggedEvent, Settlement } from "./history.ts";

/**
 * Hands to a program what has come of its calls: in the order of the log, one at a time, and the next only when the
 * program has done all it can with the one before. So branches that run side by side, or race, see the same order
 * each time.
 */
export class Delivery {
  readonly #due = new Map<number, { position: number; settlement: Settlement } | undefined>();
  readonly #waiting = new Map<number, (settlement: Settlement) => void>();
  readonly #unasked = new Set<number>();
  readonly #onStalled: () => void;
  #starting: (() => void)[] = [];
  #stalled: NodeJS.Timeout | undefined;
  #delivered = 0;
  #isDelivering = false;
  #isClosed = false;

  /** `onStalled` is called when the program waits for calls, and does not make one that the log holds. */
  constructor(log: LoggedEvent[], onStalled: () => void) {
    this.#onStalled = onStalled;
    const next = new Map<number, LoggedEvent["status"]>();
    for (const { seq, position, status, output, error } of log.toReversed()) {
      this.#unasked.add(position);
      const settlement = settlementOf(status, output, error, next.get(position));
      this.#due.set(seq, settlement && { position, settlement });
      next.set(position, status);
    }
  }

  /** What comes of the call at this position, when it is its turn. */
  of(position: number): Promise<Settlement> {
    return new Promise((resolve) => {
      this.#unasked.delete(position);
      this.#waiting.set(position, resolve);
      this.#deliver();
    });
  }

  /** Adds the event with this number: it settles the call at `position`, or no call. */
  add(seq: number, position: number, settlement?: Settlement): void {
    this.#due.set(seq, settlement && { position, settlement });
    this.#deliver();
  }

  /** Resolves when the program has made all calls of the log, and was handed what came of them: then it has been compared. */
  async caughtUp(): Promise<void> {
    if (this.#isCaughtUp || this.#isClosed) return;
    await new Promise<void>((resolve) => {
      this.#starting.push(resolve);
      this.#deliver();
    });
  }

  /** Delivers nothing more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#stalled);
    this.#start();
  }

  /** Ends all calls that wait, with this reason. */
  refuse(reason: unknown): void {
    this.close();
    for (const resolve of this.#waiting.values()) resolve({ refusal: reason });
  }

  async #deliver(): Promise<void> {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    clearTimeout(this.#stalled);
    do await quiet();
    while (this.#deliverNext());
    this.#isDelivering = false;
    if (this.#isClosed) return;
    if (this.#isCaughtUp) return this.#start();
    const isStalled = this.#waiting.size > 0 && this.#unasked.size > 0;
    if (isStalled) this.#stalled = setTimeout(this.#onStalled, STALLED_MS);
  }

  get #isCaughtUp(): boolean {
    return this.#due.size === 0 && this.#unasked.size === 0;
  }

  #deliverNext(): boolean {
    const seq = this.#delivered + 1;
    // An event that another connection has written first may be told of later.
    if (this.#isClosed || !this.#due.has(seq)) return false;
    const next = this.#due.get(seq);
    if (next) {
      const resolve = this.#waiting.get(next.position);
      if (!resolve) return false;
      this.#waiting.delete(next.position);
      resolve(next.settlement);
    }
    this.#due.delete(seq);
    this.#delivered = seq;
    return true;
  }

  #start(): void {
    for (const start of this.#starting.splice(0)) start();
  }
}

// Beside its calls a handler should wait for nothing. One that does all the same is given this time to make the next.
const STALLED_MS = 2_000;

/** When all promises that were settled have been seen by those who wait for them, and so on. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A failure settles its call if the program went on from it; else the call is made again. */
function settlementOf(
  status: LoggedEvent["status"],
  output: unknown,
  error: StoredError | null,
  next: LoggedEvent["status"] | undefined,
): Settlement | undefined {
  if (status === "succeeded") return { output };
  return status === "failed" && next === "caught" && error ? { error } : undefined;
}
