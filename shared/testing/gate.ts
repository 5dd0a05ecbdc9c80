/** A place where handlers stop until the test lets them go on. */
export class Gate {
  #arrived = 0;
  #open = false;
  #waiting: (() => void)[] = [];
  #changed: (() => void)[] = [];

  /** For the handler: arrives, and returns when the gate is open. */
  async pass(): Promise<void> {
    this.#arrived += 1;
    for (const check of this.#changed.splice(0)) check();
    if (!this.#open) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** For the test: resolves when `count` handlers have arrived. */
  async arrived(count: number): Promise<void> {
    while (this.#arrived < count) {
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
  }

  /** For the test: lets all go on, and all that come later pass. */
  open(): void {
    this.#open = true;
    for (const go of this.#waiting.splice(0)) go();
  }
}
