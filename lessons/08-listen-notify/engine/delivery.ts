import type { LoggedEvent, Settlement } from "./history.ts";

type Log = { events: LoggedEvent[]; eventCount: number; retriedSeq: number };

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
  readonly #onQuiet: () => void;
  #starting: (() => void)[] = [];
  #stalled: NodeJS.Timeout | undefined;
  #delivered: number;
  #isDelivering = false;
  #isClosed = false;

  /**
   * `onStalled` is called when the program waits for calls, and does not make one that the log holds; `onQuiet` each
   * time that there is nothing to deliver and the program has done all it can.
   */
  constructor({ events, eventCount, retriedSeq }: Log, onStalled: () => void, onQuiet: () => void) {
    this.#delivered = eventCount - events.length;
    this.#onStalled = onStalled;
    this.#onQuiet = onQuiet;
    const next = new Map<number, LoggedEvent["status"]>();
    for (const event of events.toReversed()) {
      const { seq, position } = event;
      this.#unasked.add(position);
      const settlement = settlementOf(event, next.get(position), retriedSeq);
      this.#due.set(seq, settlement && { position, settlement });
      next.set(position, event.status);
    }
  }

  /** The number of the last event that the program has seen. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Whether the program has made all calls of the log and seen what came of them, and waits for something. */
  get isWaiting(): boolean {
    return this.#isCaughtUp && this.#waiting.size > 0;
  }

  /** Whether there is an event to deliver, and not yet the one before it: others wrote it, or its answer is under way. */
  get isBehind(): boolean {
    return this.#due.size > 0 && !this.#due.has(this.#delivered + 1);
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
    if (seq <= this.#delivered || this.#due.has(seq)) return;
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

  /** Adds those of these events that others have written, the ends of children; returns whether there are any. */
  addNews(events: LoggedEvent[]): boolean {
    const ends = events.filter(
      ({ seq, kind, status }) =>
        kind === "child" &&
        (status === "succeeded" || status === "failed") &&
        seq > this.#delivered &&
        !this.#due.has(seq),
    );
    for (const event of ends) {
      this.add(event.seq, event.position, settlementOf(event, undefined, 0));
    }
    return ends.length > 0;
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
    if (this.#isCaughtUp) this.#start();
    const isStalled = this.#waiting.size > 0 && this.#unasked.size > 0;
    if (isStalled) this.#stalled = setTimeout(this.#onStalled, STALLED_MS);
    this.#onQuiet();
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

/**
 * A failure settles its call if the program went on from it, or has to be told of it: of a child that has failed since
 * the task was last retried. Else the call is made again.
 */
function settlementOf(
  { seq, kind, status, childId, output, error }: LoggedEvent,
  next: LoggedEvent["status"] | undefined,
  retriedSeq: number,
): Settlement | undefined {
  if (status === "succeeded") return { output };
  if (status !== "failed" || !error) return undefined;
  const isToTell = kind === "child" && next === undefined && seq > retriedSeq;
  return next === "caught" || isToTell ? { error, childId } : undefined;
}
