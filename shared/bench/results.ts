import type { Configuration, Kind } from "./contestants.ts";
import type { WorkloadName } from "./job.ts";
import type { Outcome } from "./measure.ts";
import type { Run } from "./plan.ts";
import { type Spread, spreadOf } from "./statistics.ts";

/** A run and what came of it. */
export type Measured = { run: Run; outcome: Outcome };

/** What the rounds of one contestant and configuration came to in one workload. */
export type Result = {
  workload: WorkloadName;
  contestant: string;
  kind: Kind;
  configuration: Configuration["name"];
  says: string;
  figures: Record<string, Spread>;
  peakBytes: Spread;
  /** Whether the clock ran out in any round. */
  capped: boolean;
  /** How many tasks were done when the clock stopped, in the round that did the fewest. */
  done: number;
  problems: string[];
};

/** One result for each that was measured, in the order in which they came first. */
export function resultsOf(measured: readonly Measured[]): Result[] {
  const groups = new Map<string, Measured[]>();
  for (const each of measured) {
    const { workload, contestant, configuration } = each.run;
    const key = [workload.name, contestant.name, configuration.name].join("\n");
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].map(resultOf);
}

function resultOf(group: Measured[]): Result {
  const { workload, contestant, configuration } = (group[0] as Measured).run;
  const outcomes = group.map(({ outcome }) => outcome);
  // A run that broke down has none.
  const withFigures = outcomes.filter(({ figures }) => Object.keys(figures).length > 0);
  const keys = Object.keys(withFigures[0]?.figures ?? {});
  return {
    workload: workload.name,
    contestant: contestant.name,
    kind: contestant.kind,
    configuration: configuration.name,
    says: configuration.says,
    figures: Object.fromEntries(
      keys.map((key) => [
        key,
        spreadOf(withFigures.map(({ figures }) => figures[key] ?? Number.NaN)),
      ]),
    ),
    peakBytes: spreadOf(withFigures.length > 0 ? withFigures.map((each) => each.peakBytes) : [0]),
    capped: outcomes.some(({ capped }) => capped),
    done: Math.min(...outcomes.map(({ counts }) => counts.tasks)),
    problems: group.flatMap(({ run, outcome }) =>
      outcome.problems.map((problem) => `round ${run.round}: ${problem}`),
    ),
  };
}
