import type { Worker } from "./worker.ts";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Starts a worker, and stops it at the first SIGTERM or SIGINT, as `worker.stop` does. A second one ends the
 * process at once, with exit code 1: others reclaim what it ran when its lease has ended.
 */
export async function runUntilSignal(
  worker: Worker,
  options: { deadlineMs?: number } = {},
): Promise<void> {
  let onFirst = () => {};
  const first = new Promise<void>((resolve) => {
    onFirst = resolve;
  });
  let heard = 0;
  const onSignal = () => {
    heard += 1;
    if (heard > 1) process.exit(1);
    onFirst();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  worker.start();
  await first;
  await worker.stop(options).finally(() => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  });
}
