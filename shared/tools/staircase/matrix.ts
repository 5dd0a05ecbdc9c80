import type { Lesson } from "../lessons/lessons.ts";
import { openLessons } from "../lessons/rewritten.ts";
import type { Run } from "./runs.ts";

/**
 * A cell of the staircase: the result of a guarantee's proof on a lesson. The proof must pass on the lesson that makes
 * the guarantee and on every later one, and fail, on an assertion, on the lesson before.
 */
export type Cell = {
  lesson: string;
  mustHold: boolean;
  asItMust: boolean;
  /** For each test whose result was not as it must be, a sentence that says so. */
  problems: string[];
  /** For each point to crash at, whether the result was as it must be, for each way to die. */
  crashPoints: Record<string, boolean[]>;
};

export type Row = {
  madeIn: string;
  guarantee: string;
  /** The file of its proof, from `lessons/` on. */
  file: string;
  cells: Cell[];
  /** The lessons that its proof does not reach yet, because they are on the other side of `REWRITTEN_UP_TO`. */
  open?: string[];
};

/** Returns a row for each guarantee; `runs` has the runs by the number of the lesson they were on. */
export function matrixOf(
  lessons: Lesson[],
  runs: Map<string, Run[]>,
  rewrittenUpTo?: string,
): Row[] {
  const rows = new Map<string, Row>();
  for (const { number } of lessons) {
    for (const [key, tests] of groupByGuarantee(runs.get(number) ?? [])) {
      const [first] = tests as [Run];
      const madeIn = first.madeIn.slice(0, 2);
      const row = rows.get(key) ?? {
        madeIn,
        guarantee: first.guarantee,
        file: first.file,
        cells: [],
        open: openLessons(madeIn, lessons, rewrittenUpTo),
      };
      row.cells.push(cellOf(number, number >= madeIn, tests));
      rows.set(key, row);
    }
  }
  return [...rows.values()].sort((a, b) => a.madeIn.localeCompare(b.madeIn));
}

function groupByGuarantee(runs: Run[]): Map<string, Run[]> {
  const groups = new Map<string, Run[]>();
  for (const run of runs.filter(({ isProof }) => isProof)) {
    const key = `${run.madeIn} ${run.guarantee}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return groups;
}

function cellOf(lesson: string, mustHold: boolean, tests: Run[]): Cell {
  const wanted = mustHold ? "passed" : "failed by assertion";
  const problems = tests
    .filter(({ outcome }) => outcome !== wanted)
    .map(({ title, outcome, message }) => {
      const did = outcome === "passed" ? "it passed" : `it failed: ${message}`;
      return mustHold
        ? `"${title}" must hold on lesson ${lesson}, but ${did}`
        : `"${title}" must fail on an assertion on lesson ${lesson}, but ${did}`;
    });
  const asItMust = problems.length === 0;
  return { lesson, mustHold, asItMust, problems, crashPoints: crashPointsOf(tests) };
}

function crashPointsOf(tests: Run[]): Cell["crashPoints"] {
  const points: Cell["crashPoints"] = {};
  for (const { crashPoints = {} } of tests) {
    for (const [point, holds] of Object.entries(crashPoints)) {
      points[point] = [...(points[point] ?? []), holds];
    }
  }
  return points;
}
