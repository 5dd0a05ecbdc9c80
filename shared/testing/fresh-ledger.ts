import { onTestFinished } from "vitest";
import { Ledger } from "../runtime/processes/index.ts";

/** Returns an empty ledger for one test, which is removed after the test. */
export function freshLedger(): Ledger {
  const ledger = Ledger.create();
  onTestFinished(() => ledger.remove());
  return ledger;
}
