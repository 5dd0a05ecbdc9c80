import type { Delivery } from "./delivery.ts";
import type { History } from "./history.ts";
import type { Interruption } from "./interruption.ts";

type Program = {
  /** Whether a call runs: a step, say, or a child is being started. */
  isBusy(): boolean;
  awaitsChildren(): boolean;
};

/**
 * What becomes of a task whose program has done all it can, and waits for its children. If nothing of it runs, it is
 * suspended; else somebody has to look whether a child has ended.
 */
export class Suspension {
  /** Resolves when the task is not this worker's any more: whatever its handler waits for, it is to be forgotten. */
  readonly done: Promise<"suspended" | "lost">;
  readonly #delivery: Delivery;
  readonly #history: History;
  readonly #program: Program;
  readonly #over: Interruption;
  #finish: (how: "suspended" | "lost") => void = () => {};
  #asking: Promise<void> | undefined;
  #later: NodeJS.Timeout | undefined;
  #waitMs = SHORTEST_WAIT_MS;

  constructor(delivery: Delivery, history: History, program: Program, over: Interruption) {
    this.#delivery = delivery;
    this.#history = history;
    this.#program = program;
    this.#over = over;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    over.onAbort(() => clearTimeout(this.#later));
  }

  /** To be called whenever the program has done all it can. */
  consider(): void {
    clearTimeout(this.#later);
    if (this.#over.aborted || this.#asking) return;
    if (this.#delivery.isBehind) this.#ask();
    else if (this.#program.isBusy()) this.#askLater();
    else if (this.#delivery.isWaiting) this.#ask();
  }

  /** Whether the task may be about to be suspended. */
  get isAsking(): boolean {
    return this.#asking !== undefined;
  }

  /** Resolves when the task is not about to be suspended; never if it is. */
  async none(): Promise<void> {
    while (this.#asking) await this.#asking;
  }

  #ask(): void {
    this.#asking = this.#look().catch(() => {
      // The handler has been told to end; who waits for the answer goes on, and is refused.
      this.#asking = undefined;
    });
  }

  #askLater(): void {
    if (!this.#program.awaitsChildren()) return;
    this.#later = setTimeout(() => this.#ask(), this.#waitMs);
    this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_WAIT_MS);
  }

  async #look(): Promise<void> {
    const seen = this.#delivery.delivered;
    const mayLeave = this.#delivery.isWaiting && !this.#program.isBusy();
    const news = mayLeave ? await this.#history.suspend(seen) : await this.#history.news(seen);
    if (news === "suspended" || news === "lost") {
      this.#delivery.close();
      this.#finish(news);
      // Nothing that the program still does may begin: another worker may run it by now.
      return new Promise(() => {});
    }
    this.#asking = undefined;
    if (this.#delivery.addNews(news)) this.#waitMs = SHORTEST_WAIT_MS;
    else if (this.#delivery.isBehind) this.#askLater();
    else this.consider();
  }
}

const SHORTEST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;
