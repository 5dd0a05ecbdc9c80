/** How many are in, now and at any moment before. */
export class Gauge {
  /** The most that were in at once. */
  most = 0;
  /** How many have come in so far. */
  total = 0;
  #level = 0;
  readonly #changes: { at: number; level: number }[] = [];

  /** Counts one more for as long as `work` takes. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.total += 1;
    this.#set(this.#level + 1);
    try {
      return await work();
    } finally {
      this.#set(this.#level - 1);
    }
  }

  /** How many were in at a moment of `performance.now()`. */
  levelAt(moment: number): number {
    return this.#changes.findLast(({ at }) => at <= moment)?.level ?? 0;
  }

  #set(level: number): void {
    this.#level = level;
    this.most = Math.max(this.most, level);
    this.#changes.push({ at: performance.now(), level });
  }
}
