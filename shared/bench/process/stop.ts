import { setTimeout as pause } from "node:timers/promises";
import type { EngineWorker } from "../adapter.ts";

/**
 * Returns true if the worker stopped in time, which means that it recorded every outcome. Throws the engine's error if
 * stopping fails.
 */
export async function stopInTime(worker: EngineWorker, withinMs: number): Promise<boolean> {
  const over = new AbortController();
  const late = pause(withinMs, false, { signal: over.signal }).catch(() => false);
  const stopped = worker.stop().then(() => true);
  return Promise.race([stopped, late]).finally(() => over.abort());
}
