import { fileURLToPath } from "node:url";
import { type Ledger, type StartedProcess, startProcess } from "shared/processes";

export type Part = {
  name: string;
  /** The names of the tasks that it runs. */
  knows: string[];
  slots: number;
  /** What it does when it comes to its place. */
  stopsAt?: string;
  /** Whether its lease is short, because it will be killed. */
  isShortLived?: boolean;
};

/** Starts a worker of the survey in a process of its own, which waits for a word before it begins. */
export function startOther(url: string, ledger: Ledger, part: Part): StartedProcess {
  const script = fileURLToPath(new URL("other-process.ts", import.meta.url));
  const settings = JSON.stringify(part);
  return startProcess(script, { DATABASE: url, LEDGER: ledger.file, SETTINGS: settings });
}
