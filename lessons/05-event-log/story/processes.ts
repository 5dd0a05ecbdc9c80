import { fileURLToPath } from "node:url";
import { type Ledger, type StartedProcess, startProcess } from "shared/processes";

/** Where a worker process stops, to be killed. */
export type Place =
  | "before it ships"
  | "between the charge and its event"
  | "before the commit"
  | "after the commit";

/** Starts another worker process, which waits for a word before it begins. */
export function startOther(
  url: string,
  ledger: Ledger,
  name: string,
  place: Place,
): StartedProcess {
  const script = fileURLToPath(new URL("other-process.ts", import.meta.url));
  return startProcess(script, { DATABASE: url, LEDGER: ledger.file, NAME: name, PLACE: place });
}
