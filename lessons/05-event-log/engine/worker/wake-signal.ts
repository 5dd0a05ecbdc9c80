/** Interrupts a wait. A signal that is set while nothing waits is kept for the next wait, so none is missed. */
export class WakeSignal {
  #isSet = false;
  #wake = () => {};

  set(): void {
    this.#isSet = true;
    this.#wake();
  }

  /** Returns true as soon as the signal is set, and clears it; returns false after `ms` milliseconds without a signal. */
  async wait(ms: number): Promise<boolean> {
    if (!this.#isSet) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const wasSet = this.#isSet;
    this.#isSet = false;
    return wasSet;
  }
}
