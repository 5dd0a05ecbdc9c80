import type { Configuration, Kind } from "./contestants.ts";
import type { WorkloadName } from "./job.ts";
import type { Outcome } from "./measure.ts";
import type { BenchRun } from "./schedule.ts";
import { type Spread, spreadOf } from "./statistics.ts";

export type Measured = { run: BenchRun; outcome: Outcome };

/** The figures of one contestant, configuration and workload across all rounds. */
export type Result = {
  workload: WorkloadName;
  contestant: string;
  kind: Kind;
  configuration: Configuration["name"];
  says: string;
  figures: Record<string, Spread>;
  peakBytes: Spread;
  /** Whether any round reached its time limit. */
  capped: boolean;
  /** How many tasks were done when the clock stopped, in the round with the fewest. */
  done: number;
  problems: string[];
};

/** Groups the runs of all rounds, and returns one result for each contestant, configuration and workload. */
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
  // A run that threw has no figures.
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
