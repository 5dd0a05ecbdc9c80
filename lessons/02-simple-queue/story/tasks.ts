import { say } from "shared/console";
import type { Ledger } from "shared/processes";
import { task } from "../engine/index.ts";

/** Charges the card, and then fails for one of the cards. */
export const charge = task({
  name: "charge",
  run: ({ card }: { card: string }) => {
    say(`  charged card ${card}`);
    if (card === "4242") throw new Error("the bank did not reply");
    return { receipt: `R-${card}` };
  },
});

export const sendInvoice = task({
  name: "send-invoice",
  run: ({ order }: { order: number }) => say(`  sent the invoice of order ${order}`),
});

/** Never ends. */
export const hang = task({ name: "hang", run: () => new Promise<void>(() => {}) });

/** Records in the ledger that the task has run. */
export function countIn(ledger: Ledger) {
  return task({ name: "count", run: ({ n }: { n: number }) => ledger.write(`task ${n}`) });
}
