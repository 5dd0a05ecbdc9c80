import { say } from "shared/console";
import type { Ledger } from "shared/processes";

/**
 * Stands for the warehouse and the payment service: the world outside of the engine, which knows what it was asked
 * to do, and nothing of tasks. The ledger is its memory.
 */
export class Outside {
  readonly #ledger: Ledger;
  readonly #worker: string;

  /** As the worker of this name sees it. */
  constructor(ledger: Ledger, worker: string) {
    this.#ledger = ledger;
    this.#worker = worker;
  }

  reserve(): string {
    return this.#do("reserved", "shelf 3");
  }

  /** Charges 42 €; if it has been asked with this key before, only returns the receipt. */
  charge(idempotencyKey = ""): string {
    const receipt = `receipt for ${idempotencyKey || "42 €"}`;
    if (idempotencyKey === "") return this.#do("charged", receipt);
    const charged = `charged with key ${idempotencyKey}`;
    if (!this.#ledger.lines().includes(charged)) return this.#do(charged, receipt);
    say(
      `  ${this.#worker} asks to charge with key ${idempotencyKey} again, and gets the old receipt`,
    );
    return receipt;
  }

  ship(): string {
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
