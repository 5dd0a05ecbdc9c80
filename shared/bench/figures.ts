import type { Counts } from "./adapter.ts";
import type { BenchJob, Report } from "./job.ts";
import { percentile } from "./statistics.ts";

export type Times = {
  /** Read from the engine's tables when the clock stopped. */
  counts: Counts;
  startMs: number;
  endMs: number;
  report: Pick<Report, "latenciesMs" | "enoughAtMs">;
};

/** Returns the figures of one run, by the keys of its workload's metrics. */
export function figuresOf(
  { workload, size }: Pick<BenchJob, "workload" | "size">,
  { counts, startMs, endMs, report }: Times,
): Record<string, number> {
  const seconds = (endMs - startMs) / 1_000;
  switch (workload) {
    case "drain":
      return { perSecond: counts.tasks / seconds };
    case "steps":
      return { perSecond: counts.steps / seconds };
    case "children":
      // The tables count parents too; the metric is children only.
      return { perSecond: (counts.tasks * size.children) / (size.children + 1) / seconds };
    case "latency":
      if (report.latenciesMs.length === 0) return { p50Ms: Number.NaN, p99Ms: Number.NaN };
      return {
        p50Ms: percentile(report.latenciesMs, 0.5),
        p99Ms: percentile(report.latenciesMs, 0.99),
      };
    case "resume":
      return { ms: endMs - startMs };
    case "depth":
      return {
        microsecondsPerTask:
          (((report.enoughAtMs ?? endMs) - startMs) * 1_000) / (size.enough ?? size.tasks),
      };
  }
}
