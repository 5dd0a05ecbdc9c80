import { CancelledError, ClaimLostError } from "../errors.ts";
import type { Decisions } from "./decisions.ts";
import type { Delivery } from "./delivery.ts";
import type { EventLog, Verdict } from "./event-log.ts";
import type { Lifetime } from "./lifetime.ts";

const SHORTEST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;

type Means = { decisions: Decisions; delivery: Delivery; lifetime: Lifetime; log: EventLog };

/**
 * Suspends a task whose handler waits for its children and for nothing else. If one of its steps is running, looks from time
 * to time whether a child has ended.
 */
export class Suspension {
  readonly #means: Means;
  #asking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waitMs = SHORTEST_WAIT_MS;
  #isLookDue = false;

  constructor(means: Means) {
    this.#means = means;
    means.lifetime.over.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /** To be called each time that the handler has done all it can. */
  consider(): void {
    const { decisions, delivery, lifetime } = this.#means;
    clearTimeout(this.#timer);
    if (this.#asking || lifetime.over.aborted) return;
    const waitsForChildren = delivery.waiting > lifetime.running;
    if (decisions.isBehind) this.#ask(false);
    else if (!waitsForChildren || decisions.phase !== "live") return;
    else if (lifetime.running > 0 && !this.#isLookDue) this.#askLater();
    else this.#ask(lifetime.running === 0);
  }

  /** Resolves when no request to suspend is under way. */
  async settled(): Promise<void> {
    while (this.#asking) await this.#asking;
  }

  #askLater(): void {
    this.#timer = setTimeout(() => {
      this.#isLookDue = true;
      // Considers it again once the handler is quiet.
      this.#means.delivery.add();
    }, this.#waitMs);
    this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_WAIT_MS);
  }

  #ask(isIdle: boolean): void {
    const { decisions, log } = this.#means;
    this.#isLookDue = false;
    this.#asking = log.suspend(decisions.delivered, isIdle).then((reply) => {
      this.#asking = undefined;
      this.#follow(reply);
    });
  }

  #follow({ verdict, events }: Verdict): void {
    const { delivery, lifetime } = this.#means;
    if (verdict === "suspended") lifetime.suspend();
    if (verdict === "cancelled") lifetime.endEarly(new CancelledError("The task was cancelled"));
    if (verdict === "lost")
      lifetime.endEarly(new ClaimLostError("Another worker has taken the task"));
    if (lifetime.over.aborted) return;
    if (verdict === "nothing") this.#askLater();
    else {
      this.#waitMs = SHORTEST_WAIT_MS;
      delivery.add(...events);
    }
  }
}
