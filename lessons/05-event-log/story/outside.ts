import { say } from "shared/console";
import type { Ledger } from "shared/processes";
import type { Place } from "./processes.ts";

/** Does nothing, or stops here for ever: the process is about to be killed. */
export type Stop = (place: Place) => Promise<void> | void;

export const passOn: Stop = () => {};

/**
 * Stands for the warehouse and the payment service: the world outside of the engine, which knows what it was asked
 * to do, and nothing of tasks. The ledger is its memory.
 */
export class Outside {
  readonly #ledger: Ledger;
  readonly #worker: string;
  readonly #stop: Stop;

  /** As the worker of this name sees it. */
  constructor(ledger: Ledger, worker: string, stop = passOn) {
    this.#ledger = ledger;
    this.#worker = worker;
    this.#stop = stop;
  }

  reserve(): string {
    return this.#do("reserved", "shelf 3");
  }

  /** Charges 42 €; if it has been asked with this key before, only returns the receipt. */
  async charge(idempotencyKey = ""): Promise<string> {
    const receipt = `receipt for ${idempotencyKey || "42 €"}`;
    const charged = idempotencyKey ? `charged with key ${idempotencyKey}` : "charged";
    if (idempotencyKey && this.#ledger.lines().includes(charged)) {
      say(
        `  ${this.#worker} asks to charge with key ${idempotencyKey} again, and gets the old receipt`,
      );
      return receipt;
    }
    this.#do(charged, receipt);
    await this.#stop("between the charge and its event");
    return receipt;
  }

  async ship(): Promise<string> {
    await this.#stop("before it ships");
    return this.#do("shipped", "on its way");
  }

  /** What it was asked for, and how often. */
  totals(): object[] {
    return [...this.#ledger.counts()].map(([what, times]) => ({ "the ledger says": what, times }));
  }

  #do(what: string, answer: string): string {
    this.#ledger.write(what);
    say(`  ${this.#worker} ${what}`);
    return answer;
  }
}
