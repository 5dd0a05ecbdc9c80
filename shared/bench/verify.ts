import type { Counts } from "./adapter.ts";
import type { Job, Tally } from "./job.ts";

/** What there is to compare after a run. */
export type Done = {
  /** By the handlers' own count. */
  tally: Tally;
  /** By the engine's tables, read when its worker had stopped. */
  counts: Counts;
  /** Whether the run was stopped before all was done. */
  partial: boolean;
  /** Whether the worker had written down all that it ran when it was stopped. */
  drained: boolean;
  /** Of a task that was resumed: each step that ran, in whatever process. */
  ledger?: string[];
};

/** What is wrong with what a run has done; nothing if each thing was done once, and the tables say so too. */
export function problemsOf(job: Pick<Job, "workload" | "size">, done: Done): string[] {
  const { workload, size } = job;
  const { tally, counts, partial, ledger } = done;
  const problems: string[] = [];
  switch (workload) {
    case "steps":
      problems.push(...each("step", tally.steps, partial));
      problems.push(...same("steps kept", counts.steps, sum(tally.steps), done));
      if (!partial) problems.push(...same("tasks succeeded", counts.tasks, size.tasks, done));
      return problems;
    case "resume":
      problems.push(...onceInLedger(ledger ?? [], size.steps));
      problems.push(...same("steps kept", counts.steps, size.steps, done));
      problems.push(...same("tasks succeeded", counts.tasks, size.tasks, done));
      return problems;
    case "children": {
      problems.push(...each("child", tally.children, partial));
      problems.push(...each("parent", tally.tasks, partial));
      const ran = sum(tally.children) + sum(tally.tasks);
      problems.push(...same("tasks succeeded", counts.tasks, ran, done));
      return problems;
    }
    default:
      problems.push(...each("task", tally.tasks, partial));
      problems.push(...same("tasks succeeded", counts.tasks, sum(tally.tasks), done));
      return problems;
  }
}

function each(what: string, runs: number[], partial: boolean): string[] {
  const twice = runs.filter((count) => count > 1).length;
  const never = partial ? 0 : runs.filter((count) => count === 0).length;
  return [
    ...(twice > 0 ? [`${plural(what, twice)} of ${runs.length} ran more than once`] : []),
    ...(never > 0 ? [`${plural(what, never)} of ${runs.length} did not run`] : []),
  ];
}

/** What a worker that was cut short had not written down yet may be missing, but nothing may be too much. */
function same(what: string, found: number, expected: number, { drained }: Done): string[] {
  const isRight = drained ? found === expected : found <= expected;
  return isRight ? [] : [`${what}: ${found}, where the handlers say ${expected}`];
}

function onceInLedger(lines: string[], steps: number): string[] {
  const ran = new Array<number>(steps).fill(0);
  for (const line of lines) ran[Number(line)] = (ran[Number(line)] ?? 0) + 1;
  return each("step", ran, false);
}

function plural(what: string, count: number): string {
  if (count === 1) return `1 ${what}`;
  return `${count} ${what === "child" ? "children" : `${what}s`}`;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
