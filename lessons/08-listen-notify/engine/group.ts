type Waiting<Item, Result> = {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
};

/**
 * Writes many things at once: whatever comes while one write is under way goes with the next. There is no timer, so
 * what comes alone does not wait for company.
 */
export class Group<Item, Result> {
  readonly #write: (items: Item[]) => Promise<Result[]>;
  readonly #most: number;
  readonly #waiting: Waiting<Item, Result>[] = [];
  #isWriting = false;

  /** `write` returns what came of each item, in their order; it is given `most` of them at most. */
  constructor(write: (items: Item[]) => Promise<Result[]>, most: number) {
    this.#write = write;
    this.#most = most;
  }

  /** What came of this item, when it is committed. Rejects if the write that it was part of did. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    // Lets all tasks speak that have something to say in this turn.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, this.#most);
      try {
        const results = await this.#write(group.map(({ item }) => item));
        for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#isWriting = false;
  }
}
