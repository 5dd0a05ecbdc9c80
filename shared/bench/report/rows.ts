import type { Result } from "../results.ts";
import type { Spread } from "../statistics.ts";
import { oursIn } from "../targets.ts";
import type { Workload } from "../workloads.ts";

/** Returns the rows of a workload's table, the best first, with every value as a string. */
export function rowsOf(workload: Workload, results: readonly Result[]): Record<string, string>[] {
  const here = results.filter((result) => result.workload === workload.name);
  const ours = oursIn(here);
  const [first] = workload.metrics;
  const sign = first?.better === "more" ? -1 : 1;
  const rank = ({ figures }: Result) => sign * (figures[first?.key ?? ""]?.median ?? Number.NaN);
  return [...here]
    .sort((a, b) => (Number.isNaN(rank(a)) ? 1 : Number.isNaN(rank(b)) ? -1 : rank(a) - rank(b)))
    .map((result) => ({
      contestant: result.contestant,
      configuration: result.configuration,
      ...Object.fromEntries(
        workload.metrics.flatMap(({ key, label }) => {
          const spread = result.figures[key];
          return [
            [label, spread ? figure(spread.median) : "–"],
            [`${key === first?.key ? "" : `${label} `}range`, spread ? range(spread) : ""],
          ];
        }),
      ),
      ...(ours && { [`× ${ours.contestant}`]: ratio(result, ours, first?.key ?? "") }),
      "peak MB": result.peakBytes.median > 0 ? megabytes(result.peakBytes.median) : "–",
      "": remark(result),
    }));
}

function remark({ problems, capped, done }: Result): string {
  // Only the first line of an error: the whole error was printed when it happened.
  if (problems.length > 0)
    return `FAILED: ${problems.map((problem) => problem.split("\n")[0]).join("; ")}`;
  return capped ? `time limit reached after ${done} tasks` : "";
}

function ratio(result: Result, ours: Result, key: string): string {
  const value =
    (result.figures[key]?.median ?? Number.NaN) / (ours.figures[key]?.median ?? Number.NaN);
  return Number.isFinite(value) ? figure(value) : "–";
}

function range({ least, most, runs }: Spread): string {
  return runs === 1 ? "" : `${figure(least)} – ${figure(most)}`;
}

/** Returns a figure with three significant digits; the measurements are no more precise. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 1e-3))));
  const rounded = digits === 0 ? Number(value.toPrecision(3)) : value;
  return rounded.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

export function megabytes(bytes: number): string {
  return String(Math.round(bytes / 1e6));
}
