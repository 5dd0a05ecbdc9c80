import { say } from "shared/console";
import type { Ledger } from "shared/processes";
import type { StopPoint } from "./workers.ts";

/** Does nothing, or never returns, because the process is about to be killed at this point. */
export type Stop = (point: StopPoint) => Promise<void> | void;

export const goOn: Stop = () => {};

/**
 * The warehouse and the payment service. They are outside our database and know nothing of tasks. The ledger records each
 * request that they carry out.
 */
export class Services {
  readonly #ledger: Ledger;
  readonly #worker: string;
  readonly #stop: Stop;

  /** As one worker uses them. */
  constructor(ledger: Ledger, worker: string, stop = goOn) {
    this.#ledger = ledger;
    this.#worker = worker;
    this.#stop = stop;
  }

  reserve(): string {
    return this.#carryOut("reserved", "shelf 3");
  }

  /** Charges 42 €. A second request with the same key only returns the receipt. */
  async charge(idempotencyKey = ""): Promise<string> {
    const receipt = `receipt for ${idempotencyKey || "42 €"}`;
    const charged = idempotencyKey ? `charged with key ${idempotencyKey}` : "charged";
    if (idempotencyKey && this.#ledger.lines().includes(charged)) {
      say(`  ${this.#worker} sent key ${idempotencyKey} again and got the old receipt`);
      return receipt;
    }
    this.#carryOut(charged, receipt);
    await this.#stop("after the charge");
    return receipt;
  }

  async ship(): Promise<string> {
    await this.#stop("before it ships");
    return this.#carryOut("shipped", "on its way");
  }

  /** Returns how often each request was carried out. */
  totals(): object[] {
    return [...this.#ledger.counts()].map(([request, times]) => ({
      "in the ledger": request,
      times,
    }));
  }

  #carryOut(request: string, reply: string): string {
    this.#ledger.write(request);
    say(`  ${this.#worker} ${request}`);
    return reply;
  }
}
