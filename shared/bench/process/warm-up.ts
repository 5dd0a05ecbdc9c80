import { setTimeout as pause } from "node:timers/promises";
import type { Adapter } from "../adapter.ts";
import { type BenchJob, clockMs, type Size } from "../job.ts";
import { Meter } from "./meter.ts";
import { stopInTime } from "./stop.ts";

// An engine without a limit has claimed all tasks at once, and must finish them before it stops.
const STOP_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 10;

/** Returns the warm-up of a job: the same workload on the same engine, with this `size`, in another database. */
export function warmUpOf(job: Omit<BenchJob, "url">, size: Size, url: string): BenchJob {
  // No process enqueues during a warm-up, so tasks that the run enqueues one by one are all queued here.
  const workload = job.workload === "latency" ? "drain" : job.workload;
  return { ...job, workload, size, url };
}

/**
 * Runs a worker of the engine until it has completed the warm-up or `atMostMs` have passed, then stops it. Throws if it
 * does not stop: it would still be running during the measurement.
 */
export async function warmUp(
  adapter: Pick<Adapter, "openWorker">,
  job: BenchJob,
  { atMostMs, stopWithinMs = STOP_WITHIN_MS }: { atMostMs: number; stopWithinMs?: number },
): Promise<void> {
  // Of the same class as in the measured run: Node discards code optimised for one class when it meets another.
  const meter = new Meter(job, { onEnough() {}, onHang() {} });
  const worker = await adapter.openWorker(job, meter);
  await worker.start();
  const endMs = clockMs() + atMostMs;
  while (meter.done < thingsIn(job.size) && clockMs() < endMs) await pause(LOOK_EVERY_MS);
  if (await stopInTime(worker, stopWithinMs)) return;
  throw new Error(`The engine did not stop in time after ${meter.done} executions of its warm-up`);
}

function thingsIn({ tasks, steps, children }: Size): number {
  // A task with steps counts its steps only.
  return steps > 0 ? tasks * steps : tasks * (1 + children);
}
