import { once } from "node:events";
import { milliseconds } from "./options.ts";
import type { Worker } from "./worker.ts";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Starts a worker and stops it, as `worker.stop` does, at the first SIGTERM or SIGINT. Resolves when it has stopped. A
 * second signal ends the process at once, with exit code 1; other workers reclaim its tasks when its lease has expired.
 */
export async function runUntilSignal(
  worker: Worker,
  options: { deadlineMs?: number } = {},
): Promise<void> {
  if (options.deadlineMs !== undefined) milliseconds("deadlineMs", options.deadlineMs, 0);
  const received = new AbortController();
  const first = SIGNALS.map((name) => once(process, name, { signal: received.signal }));
  worker.start();
  await Promise.race(first);
  received.abort();
  const exit = () => process.exit(1);
  for (const name of SIGNALS) process.once(name, exit);
  await worker.stop(options);
  for (const name of SIGNALS) process.off(name, exit);
}
