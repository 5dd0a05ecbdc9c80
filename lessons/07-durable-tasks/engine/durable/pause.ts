import { setTimeout as sleep } from "node:timers/promises";

// A longer timer of Node's fires at once.
const LONGEST_TIMER_MS = 2_147_483_647;

/** Resolves after `ms` milliseconds, or as soon as `signal` fires. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  for (let leftMs = ms; leftMs > 0 && !signal.aborted; leftMs -= LONGEST_TIMER_MS) {
    await sleep(Math.min(leftMs, LONGEST_TIMER_MS), undefined, { signal }).catch(() => {});
  }
}
