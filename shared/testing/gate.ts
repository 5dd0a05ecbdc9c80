/** A gate at which handlers wait until the test opens it. */
export class Gate {
  #arrived = 0;
  #open = false;
  #atGate: (() => void)[] = [];
  #onArrival: (() => void)[] = [];

  /** Called by a handler. Returns when the gate is open. */
  async pass(): Promise<void> {
    this.#arrived += 1;
    for (const notify of this.#onArrival.splice(0)) notify();
    if (!this.#open) await new Promise<void>((resolve) => this.#atGate.push(resolve));
  }

  /** Called by the test. Returns when `count` handlers have called `pass`. */
  async arrived(count: number): Promise<void> {
    while (this.#arrived < count) {
      await new Promise<void>((resolve) => this.#onArrival.push(resolve));
    }
  }

  /** Called by the test. Releases all handlers that wait, and lets later ones pass at once. */
  open(): void {
    this.#open = true;
    for (const release of this.#atGate.splice(0)) release();
  }
}
