import type { Call, LoggedEvent } from "./event-log.ts";

/**
 * What happens to a call: it is run, it waits until its result is delivered, or the run stops, as the log holds a different
 * call in its place, or the same call with a changed input.
 */
export type Decision = "run" | "wait" | "different" | "changed";

/** Compares a call with the last event of its position in the log. */
export function decide(call: Call, logged: LoggedEvent | undefined): Decision {
  if (!logged) return "run";
  if (logged.kind !== call.kind || logged.name !== call.name) return "different";
  // An event without a hash belongs to a call that had no input then.
  if (logged.inputHash !== null && logged.inputHash !== call.inputHash) return "changed";
  return isResult(logged) ? "wait" : "run";
}

/**
 * A handler and its event log, side by side: the calls that it has made, the events that were delivered, and what
 * follows from both. Pure: no I/O, no promises, no time.
 */
export class Decisions {
  readonly made: Call[] = [];
  readonly #atClaim: { eventCount: number; lastPosition: number };
  /** By position. */
  readonly #last = new Map<number, LoggedEvent>();
  /** By number: those that are not delivered yet. */
  readonly #due = new Map<number, LoggedEvent>();
  #delivered = 0;
  #reopenAfter: number;

  constructor(events: LoggedEvent[], eventCount: number) {
    for (const event of events) this.add(event);
    this.#atClaim = { eventCount, lastPosition: Math.max(0, ...this.#last.keys()) };
    this.#reopenAfter = eventCount;
  }

  /** `resuming` until the handler has made all calls of its log and their results are delivered; then it is compared. */
  get phase(): "resuming" | "live" {
    const { eventCount, lastPosition } = this.#atClaim;
    const isLive = this.made.length >= lastPosition && this.#delivered >= eventCount;
    return isLive ? "live" : "resuming";
  }

  /**
   * Failures after this event may be what failed the handler: it has made no call since. While it has not made all calls of
   * its log, this is the length of the log, as an earlier run may have built on any failure in it.
   */
  get reopenAfter(): number {
    return this.#reopenAfter;
  }

  /** Returns the last event of a call. */
  lastOf({ position }: Call): LoggedEvent | undefined {
    return this.#last.get(position);
  }

  /** The calls of the log, in the order of their positions. */
  get logged(): LoggedEvent[] {
    return [...this.#last.values()].sort((a, b) => a.position - b.position);
  }

  /** Makes the handler's next call. Returns it with its position, and what happens to it. */
  make(call: Omit<Call, "position">): { call: Call; decision: Decision } {
    const next = { ...call, position: this.made.length + 1 };
    this.made.push(next);
    if (next.position >= this.#atClaim.lastPosition) this.#reopenAfter = this.#delivered;
    return { call: next, decision: decide(next, this.lastOf(next)) };
  }

  /** Returns whether a patch applies here: the log has it as the next call, or ends before it. */
  isPatched(name: string): boolean {
    const position = this.made.length + 1;
    const logged = this.#last.get(position);
    if (logged) return logged.kind === "patched" && logged.name === name;
    return position > this.#atClaim.lastPosition;
  }

  /** Adds an event that was appended since the claim. */
  add(event: LoggedEvent): void {
    this.#last.set(event.position, event);
    this.#due.set(event.seq, event);
  }

  /**
   * Returns the next event that settles a call, in the order of the log, as delivered. Undefined if its turn has not come:
   * the event before it is not known yet, or the handler has not made its call.
   */
  next(): LoggedEvent | undefined {
    for (;;) {
      const event = this.#due.get(this.#delivered + 1);
      if (!event) return undefined;
      const settles = isResult(event) && this.#last.get(event.position) === event;
      if (settles && event.position > this.made.length) return undefined;
      this.#due.delete(event.seq);
      this.#delivered = event.seq;
      if (settles) return event;
    }
  }

  /** Returns the first call of the log that the handler has not made. One that was under way has left no event. */
  missing(): LoggedEvent | undefined {
    for (
      let position = this.made.length + 1;
      position <= this.#atClaim.lastPosition;
      position += 1
    ) {
      const logged = this.#last.get(position);
      if (logged) return logged;
    }
    return undefined;
  }
}

function isResult({ status }: LoggedEvent): boolean {
  return status === "succeeded" || status === "failed";
}
