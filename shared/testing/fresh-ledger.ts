import { onTestFinished } from "vitest";
import { Ledger } from "../runtime/processes/index.ts";

/** Returns an empty ledger for one test; it is removed when the test is over. */
export function freshLedger(): Ledger {
  const ledger = Ledger.create();
  onTestFinished(() => ledger.remove());
  return ledger;
}
