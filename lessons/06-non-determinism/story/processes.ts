import { fileURLToPath } from "node:url";
import { type StartedProcess, startProcess } from "shared/processes";

/** Starts another worker process, which waits for a word before it begins. */
export function startOther(url: string, name: string): StartedProcess {
  const script = fileURLToPath(new URL("other-process.ts", import.meta.url));
  return startProcess(script, { DATABASE: url, NAME: name });
}
