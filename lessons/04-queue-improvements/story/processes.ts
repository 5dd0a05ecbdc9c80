import { fileURLToPath } from "node:url";
import { type StartedProcess, startProcess } from "shared/processes";

export type Part = "is killed" | "is frozen" | "is poisoned";

/** Starts another worker process, which waits for a word before it begins. */
export function startOther(url: string, name: string, part: Part): StartedProcess {
  const script = fileURLToPath(new URL("other-process.ts", import.meta.url));
  return startProcess(script, { DATABASE: url, NAME: name, PART: part });
}
