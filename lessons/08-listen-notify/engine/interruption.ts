import { setMaxListeners } from "node:events";

/**
 * Tells a handler to end, and all that runs for it. An `AbortController` whose signal is made when somebody asks for
 * it: few handlers do, and for a small task a signal is a quarter of what its worker has to do.
 */
export class Interruption {
  readonly #listeners = new Set<() => void>();
  #controller: AbortController | undefined;
  #abortedAt: number | undefined;
  #reason: unknown;

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      // Any number of calls may listen to it, side by side.
      setMaxListeners(0, this.#controller.signal);
      if (this.aborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  get aborted(): boolean {
    return this.#abortedAt !== undefined;
  }

  /** Undefined until it is aborted. */
  get reason(): unknown {
    return this.#reason;
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.#abortedAt = performance.now();
    this.#reason = reason;
    for (const listener of this.#listeners) listener();
    this.#controller?.abort(reason);
  }

  /** Calls `listener` when it is aborted, at once if it has been; returns what makes it forget that. */
  onAbort(listener: () => void): () => void {
    if (this.aborted) listener();
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** How many of `graceMs` milliseconds are left: all of them until it is aborted. */
  graceLeft(graceMs: number): number {
    if (this.#abortedAt === undefined) return graceMs;
    return Math.max(0, this.#abortedAt + graceMs - performance.now());
  }
}
