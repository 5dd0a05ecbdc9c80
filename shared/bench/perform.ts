import type { BenchServer } from "./bench-server.ts";
import type { Built } from "./build.ts";
import { measure, type Outcome } from "./measure.ts";
import type { BenchRun } from "./schedule.ts";
import { WARM_UP_MS } from "./workloads.ts";

export type BenchSession = {
  server: BenchServer;
  built: Built;
  quick: boolean;
  /** Aborted when the benchmark is interrupted. */
  stop: AbortSignal;
};

/** Performs one run and returns its outcome. A workload with two sizes is two measurements, which are compared. */
export async function perform(
  { server, built, quick, stop }: BenchSession,
  run: BenchRun,
): Promise<Outcome> {
  const { workload, contestant, configuration } = run;
  const mode = quick ? "quick" : "full";
  const { lesson } = contestant;
  const outcomes: Outcome[] = [];
  for (const size of workload.sizes[mode]) {
    const job = {
      workload: workload.name,
      size,
      adapter: contestant.adapter,
      options: configuration.options,
      ...(lesson !== undefined && { lesson: { folder: lesson, engine: built.engineOf(lesson) } }),
    };
    const { warmUp, capMs } = workload;
    const limits = { capMs: capMs[mode], warmUpMs: WARM_UP_MS[mode] };
    outcomes.push(await measure(server, job, { warmUp, ...limits, stop }));
  }
  const [first, second] = outcomes as [Outcome, Outcome | undefined];
  return second === undefined ? first : compare(first, second);
}

/** Compares the cost of the same work in a short queue and in a long one. */
function compare(few: Outcome, many: Outcome): Outcome {
  const fewCost = few.figures.microsecondsPerTask ?? Number.NaN;
  const manyCost = many.figures.microsecondsPerTask ?? Number.NaN;
  return {
    figures: { ratio: manyCost / fewCost, fewMicroseconds: fewCost, manyMicroseconds: manyCost },
    peakBytes: Math.max(few.peakBytes, many.peakBytes),
    capped: false,
    counts: many.counts,
    problems: [...few.problems, ...many.problems],
  };
}
