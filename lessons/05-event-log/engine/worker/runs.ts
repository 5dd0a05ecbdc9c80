import { WorkerStoppedError } from "../errors.ts";
import type { ClaimedTask } from "./execute.ts";
import { type Run, type RunOptions, runTask } from "./run-task.ts";

/** What a worker is running. Each run takes one of its slots. */
export class Runs {
  readonly #options: RunOptions & { onEnd: () => void };
  readonly #running = new Map<Run, Promise<void>>();
  #freeSlots: number;
  #isStopped = false;

  constructor(slots: number, options: RunOptions & { onEnd: () => void }) {
    this.#freeSlots = slots;
    this.#options = options;
  }

  get count(): number {
    return this.#running.size;
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
    const run: Run = { task, abort: new AbortController(), phase: "executing" };
    const ended = runTask(run, this.#options).then(() => {
      this.#running.delete(run);
      this.#freeSlots += 1;
      this.#options.onEnd();
    });
    this.#running.set(run, ended);
    if (this.#isStopped) this.stop();
    return ended;
  }

  /** Returns true if this claim of a task is running. */
  has(claim: { id: string; fence: number }): boolean {
    return [...this.#running.keys()].some(
      ({ task }) => task.id === claim.id && task.fence === claim.fence,
    );
  }

  /** Fires the signal of each handler for which `reasonOf` returns a reason. */
  abort(reasonOf: (task: ClaimedTask) => Error | undefined): void {
    for (const { task, abort, phase } of this.#running.keys()) {
      const reason = phase === "executing" ? reasonOf(task) : undefined;
      if (reason) abort.abort(reason);
    }
  }

  /** Fires the signals of all handlers, also of those that are started from now on. */
  stop(): void {
    this.#isStopped = true;
    this.abort(() => new WorkerStoppedError("The worker is stopping and its deadline has passed"));
  }

  /** Resolves when all runs have ended. */
  async allEnded(): Promise<void> {
    await Promise.all(this.#running.values());
  }
}
