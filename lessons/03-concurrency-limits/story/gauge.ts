/** Counts what is running, now and at any earlier moment. */
export class Gauge {
  /** The highest count so far. */
  most = 0;
  /** How many were started so far. */
  total = 0;
  #level = 0;
  readonly #changes: { at: number; level: number }[] = [];

  /** Adds one to the count while `work` runs. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.total += 1;
    this.#set(this.#level + 1);
    try {
      return await work();
    } finally {
      this.#set(this.#level - 1);
    }
  }

  /** Returns the count at a moment of `performance.now()`. */
  levelAt(moment: number): number {
    return this.#changes.findLast(({ at }) => at <= moment)?.level ?? 0;
  }

  #set(level: number): void {
    this.#level = level;
    this.most = Math.max(this.most, level);
    this.#changes.push({ at: performance.now(), level });
  }
}
