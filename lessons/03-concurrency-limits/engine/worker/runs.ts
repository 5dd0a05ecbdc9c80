import type { ClaimedTask } from "./execute.ts";
import { type RunOptions, runTask } from "./run-task.ts";

/** What a worker is running. Each run takes one of its slots. */
export class Runs {
  readonly #options: RunOptions & { onEnd: () => void };
  readonly #running = new Set<Promise<void>>();
  #freeSlots: number;

  constructor(slots: number, options: RunOptions & { onEnd: () => void }) {
    this.#freeSlots = slots;
    this.#options = options;
  }

  /** Takes up to `most` free slots and returns how many it took. */
  takeSlots(most: number): number {
    const taken = Math.min(most, this.#freeSlots);
    this.#freeSlots -= taken;
    return taken;
  }

  /** Gives back slots that were taken and not used. */
  returnSlots(count: number): void {
    this.#freeSlots += count;
  }

  /** Runs a task in a slot that was taken. Resolves when the outcome is written and the slot is free. */
  start(task: ClaimedTask): Promise<void> {
    const run = runTask(task, this.#options).then(() => {
      this.#running.delete(run);
      this.#freeSlots += 1;
      this.#options.onEnd();
    });
    this.#running.add(run);
    return run;
  }

  /** Resolves when all runs have ended. */
  async allEnded(): Promise<void> {
    await Promise.all(this.#running);
  }
}
