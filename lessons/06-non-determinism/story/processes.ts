import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type StartedProcess, startProcess } from "shared/processes";

/** Starts another worker process, which waits for a word before it begins. */
export function startOther(url: string, name: string): StartedProcess {
  const script = fileURLToPath(new URL("other-process.ts", import.meta.url));
  return startProcess(script, { DATABASE: url, NAME: name });
}

/** Lets it begin, and resolves when it has come half way. */
export async function untilHalfWay(other: StartedProcess): Promise<void> {
  await other.firstMessage;
  const isThere = other.nextMessage();
  other.send("begin");
  await isThere;
}

/** Resolves when `holds` does; asks again every few milliseconds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(5);
}
