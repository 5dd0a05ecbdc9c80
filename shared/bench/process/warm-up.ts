import { setTimeout as pause } from "node:timers/promises";
import type { Adapter } from "../adapter.ts";
import { type BenchJob, clockMs, type Size } from "../job.ts";
import { Meter } from "./meter.ts";
import { stopInTime } from "./stop.ts";

// An engine that sets no limit has claimed all tasks at once, and has to come to their end.
const STOP_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 10;

/** The warm-up of a job: the same work for the same engine, as much as `size` says, in another database. */
export function warmUpOf(job: Omit<BenchJob, "url">, size: Size, url: string): BenchJob {
  // Nobody enqueues while a warm-up runs: what comes one by one later is all queued here.
  const workload = job.workload === "latency" ? "drain" : job.workload;
  return { ...job, workload, size, url };
}

/**
 * Lets a worker of the engine run until it has done all that a warm-up has, or its time is over, and stops it. Throws if
 * it does not stop: it would go on beside the run that counts.
 */
export async function warmUp(
  adapter: Pick<Adapter, "openWorker">,
  job: BenchJob,
  { atMostMs, stopWithinMs = STOP_WITHIN_MS }: { atMostMs: number; stopWithinMs?: number },
): Promise<void> {
  // Of the class that the run that counts has too: what Node compiles for one, it throws away when it meets another.
  const meter = new Meter(job, { onEnough() {}, onHang() {} });
  const worker = await adapter.openWorker(job, meter);
  await worker.start();
  const endMs = clockMs() + atMostMs;
  while (meter.done < thingsIn(job.size) && clockMs() < endMs) await pause(LOOK_EVERY_MS);
  if (await stopInTime(worker, stopWithinMs)) return;
  throw new Error(`The engine did not stop in time after ${meter.done} things of its warm-up`);
}

function thingsIn({ tasks, steps, children }: Size): number {
  // Of a task with steps, its handlers count the steps alone.
  return steps > 0 ? tasks * steps : tasks * (1 + children);
}
