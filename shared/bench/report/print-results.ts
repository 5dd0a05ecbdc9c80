import { bad, dim, good, say, section, table } from "../../runtime/console/index.ts";
import type { Outcome } from "../measure.ts";
import type { Result } from "../results.ts";
import type { BenchRun } from "../schedule.ts";
import type { TargetVerdict } from "../targets.ts";
import type { Workload } from "../workloads.ts";
import { figure, megabytes, rowsOf } from "./rows.ts";
import type { Setting } from "./setting.ts";

/** Prints a line for a run that has ended. */
export function printRun(
  progress: string,
  { workload, contestant, configuration }: BenchRun,
  outcome: Outcome,
): void {
  const figures = workload.metrics
    .map(({ key, label }) => `${figure(outcome.figures[key] ?? Number.NaN)} ${label}`)
    .join(", ");
  const columns = [
    dim(progress),
    workload.name.padEnd(8),
    contestant.name.padEnd(15),
    configuration.name.padEnd(7),
    figures.padEnd(24),
    dim(`${megabytes(outcome.peakBytes)} MB`),
    ...(outcome.capped ? [dim(`time limit reached after ${outcome.counts.tasks} tasks`)] : []),
    ...outcome.problems.map((problem) => bad(problem)),
  ];
  console.log(columns.join("  "));
}

export function printSetting({ lines }: Setting): void {
  for (const line of lines) say(line);
}

export function printResults(workloads: readonly Workload[], results: readonly Result[]): void {
  for (const workload of workloads) {
    const rows = rowsOf(workload, results);
    if (rows.length === 0) continue;
    section(`${workload.title}: ${workload.what}`);
    table(rows);
  }
}

export function printVerdicts(verdicts: readonly TargetVerdict[]): void {
  if (verdicts.length === 0) return;
  section("Targets");
  for (const { workload, says, beside, value, reached } of verdicts) {
    const mark = reached ? good("✓") : bad("✗");
    const compared = beside === undefined ? "" : dim(` (${beside})`);
    say(`${mark} ${workload.padEnd(8)} ${says.padEnd(34)} ${figure(value)}${compared}`);
  }
}
