import type { Counts } from "./adapter.ts";
import type { BenchJob, Tally } from "./job.ts";

/** What was observed of a run. */
export type Observed = {
  /** Counted by the handlers. */
  tally: Tally;
  /** Read from the engine's tables after its worker had stopped. */
  counts: Counts;
  /** Whether the run was stopped before everything was done. */
  partial: boolean;
  /** Whether the worker stored the outcome of everything that it ran before it stopped. */
  drained: boolean;
  /** For `resume`: each step that ran, in any process. */
  ledger?: string[];
};

/** Returns the problems of a run; none if everything ran exactly once and the tables agree with the handlers. */
export function problemsOf(job: Pick<BenchJob, "workload" | "size">, observed: Observed): string[] {
  const { workload, size } = job;
  const { tally, counts, partial, ledger } = observed;
  const problems: string[] = [];
  switch (workload) {
    case "steps":
      problems.push(...once("step", tally.steps, partial));
      problems.push(...agree("steps stored", counts.steps, sum(tally.steps), observed));
      if (!partial) problems.push(...agree("tasks succeeded", counts.tasks, size.tasks, observed));
      return problems;
    case "resume":
      problems.push(...onceInLedger(ledger ?? [], size.steps));
      problems.push(...agree("steps stored", counts.steps, size.steps, observed));
      problems.push(...agree("tasks succeeded", counts.tasks, size.tasks, observed));
      return problems;
    case "children": {
      problems.push(...once("child", tally.children, partial));
      problems.push(...once("parent", tally.tasks, partial));
      const ran = sum(tally.children) + sum(tally.tasks);
      problems.push(...agree("tasks succeeded", counts.tasks, ran, observed));
      return problems;
    }
    default:
      problems.push(...once("task", tally.tasks, partial));
      problems.push(...agree("tasks succeeded", counts.tasks, sum(tally.tasks), observed));
      return problems;
  }
}

/** Each element of `runs` says how often one item ran. */
function once(what: string, runs: number[], partial: boolean): string[] {
  const twice = runs.filter((count) => count > 1).length;
  const never = partial ? 0 : runs.filter((count) => count === 0).length;
  return [
    ...(twice > 0 ? [`${plural(what, twice)} of ${runs.length} ran more than once`] : []),
    ...(never > 0 ? [`${plural(what, never)} of ${runs.length} did not run`] : []),
  ];
}

/** The tables of a worker that did not stop in time may contain less than its handlers counted, but never more. */
function agree(what: string, found: number, expected: number, { drained }: Observed): string[] {
  const isRight = drained ? found === expected : found <= expected;
  return isRight ? [] : [`${what}: ${found}, but the handlers counted ${expected}`];
}

function onceInLedger(lines: string[], steps: number): string[] {
  const ran = new Array<number>(steps).fill(0);
  for (const line of lines) ran[Number(line)] = (ran[Number(line)] ?? 0) + 1;
  return once("step", ran, false);
}

function plural(what: string, count: number): string {
  if (count === 1) return `1 ${what}`;
  return `${count} ${what === "child" ? "children" : `${what}s`}`;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
