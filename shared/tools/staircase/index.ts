import { findLessons, type Lesson, repositoryRoot } from "../lessons/lessons.ts";
import { matrixOf, type Row } from "./matrix.ts";
import { runVitest, type VitestRun } from "./run-vitest.ts";
import { projectOf, type Run, runsOf } from "./runs.ts";
import { prepare } from "./surroundings.ts";
import { type Column, columnsOf, type Extent } from "./test-columns.ts";

/** The results of the proofs and of the other tests, on each lesson they ran on. */
export type Staircase = {
  lessons: Lesson[];
  rows: Row[];
  /** Every run of the other tests, which must pass wherever they run. */
  tests: { on: string; run: Run }[];
  /** What no test caught; nobody knows which test it belongs to. */
  uncaught: Error[];
};

/** Runs the staircase; calls `onLesson` when all that runs on a lesson has ended. */
export async function climb(
  options: Extent & { root?: string; onLesson?: (number: string) => void } = {},
): Promise<Staircase> {
  const root = options.root ?? repositoryRoot;
  const lessons = findLessons(root);
  const columns = columnsOf(lessons, options);
  const surroundings = await prepare(lessons);
  try {
    const run = await runVitest({
      root,
      projects: newestFirst(columns).map((column) => projectOf(column, root, surroundings)),
      ...(options.onLesson && { onProjectEnd: options.onLesson }),
    });
    return staircaseOf(lessons, columns, run, root);
  } finally {
    await surroundings.remove();
  }
}

/** Returns the columns with the one of the newest lesson first: it has the most files, and the short ones end the run. */
export function newestFirst(columns: Column[]): Column[] {
  return columns.toReversed();
}

/** Returns what a run of Vitest says of the columns that were among its projects. */
export function staircaseOf(
  lessons: Lesson[],
  columns: Column[],
  { modules, uncaught }: VitestRun,
  root: string = repositoryRoot,
): Staircase {
  const runs = runsOf(columns, modules, root);
  const tests = [...runs].flatMap(([on, all]) =>
    all.filter(({ isProof }) => !isProof).map((run) => ({ on, run })),
  );
  return { lessons, rows: matrixOf(lessons, runs), tests, uncaught };
}

/** Returns how many cells and tests are as they must be, and a sentence for each result that is not. */
export function judge({ rows, tests, uncaught }: Staircase): { held: number; problems: string[] } {
  const cells = rows.flatMap((row) => row.cells);
  const wrong = tests.filter(({ run }) => run.outcome !== "passed");
  return {
    held: cells.filter(({ asItMust }) => asItMust).length + tests.length - wrong.length,
    problems: [
      ...cells.flatMap(({ problems }) => problems),
      ...wrong.map(({ on, run }) => `"${run.title}" must hold on lesson ${on}: ${run.message}`),
      ...uncaught.map((error) => `No test caught this error: ${error.stack ?? error.message}`),
    ],
  };
}
