import { setTimeout as pause } from "node:timers/promises";
import type { EngineWorker } from "../adapter.ts";

/** Whether the worker has stopped in time, and so has written down all that it ran; throws what its engine throws. */
export async function stopInTime(worker: EngineWorker, withinMs: number): Promise<boolean> {
  const over = new AbortController();
  const late = pause(withinMs, false, { signal: over.signal }).catch(() => false);
  const stopped = worker.stop().then(() => true);
  return Promise.race([stopped, late]).finally(() => over.abort());
}
