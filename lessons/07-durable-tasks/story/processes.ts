import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isTransientError } from "shared/database";
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

/** Lets it begin, and resolves when it has come to the place where it stops. */
export async function untilAtItsPlace(other: StartedProcess): Promise<void> {
  await other.firstMessage;
  const isThere = other.nextMessage();
  other.send("go on");
  await isThere;
}

/** Resolves when `holds` does; asks again every few milliseconds, and also while Postgres is away. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await asked(holds))) await pause(10);
}

/** What `ask` comes to; asks again while Postgres is away. */
export async function asked<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isTransientError(error)) throw error;
      await pause(50);
    }
  }
}
