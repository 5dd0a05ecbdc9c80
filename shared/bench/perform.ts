import type { Built } from "./build.ts";
import { measure, type Outcome } from "./measure.ts";
import type { Run } from "./plan.ts";
import type { BenchServer } from "./server.ts";
import { WARM_UP_MS } from "./workloads.ts";

export type Tools = { server: BenchServer; built: Built; quick: boolean; stop: AbortSignal };

/** Does one run, which for some workloads is several measurements, and puts their figures together. */
export async function perform({ server, built, quick, stop }: Tools, run: Run): Promise<Outcome> {
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
  return second === undefined ? first : compared(first, second);
}

/** What the same work costs among few tasks and among many. */
function compared(few: Outcome, many: Outcome): Outcome {
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
