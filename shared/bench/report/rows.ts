import type { Result } from "../results.ts";
import type { Spread } from "../statistics.ts";
import { oursIn } from "../targets.ts";
import type { Workload } from "../workloads.ts";

/** A workload's table: the best first, each a row of texts. */
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
  // Of an error of many lines the first one; the others were printed when it came.
  if (problems.length > 0)
    return `FAILED: ${problems.map((text) => text.split("\n")[0]).join("; ")}`;
  return capped ? `the clock ran out at ${done} tasks` : "";
}

function ratio(result: Result, ours: Result, key: string): string {
  const value =
    (result.figures[key]?.median ?? Number.NaN) / (ours.figures[key]?.median ?? Number.NaN);
  return Number.isFinite(value) ? figure(value) : "–";
}

function range({ least, most, runs }: Spread): string {
  return runs === 1 ? "" : `${figure(least)} – ${figure(most)}`;
}

/** Three digits say all that a measurement knows. */
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
