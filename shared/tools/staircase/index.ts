import { existsSync } from "node:fs";
import path from "node:path";
import { createScratchDatabase } from "../../testing/scratch-database.ts";
import { findLessons, type Lesson, repositoryRoot } from "../lessons/lessons.ts";
import { matrixOf, type Row } from "./matrix.ts";
import { build } from "./prebuild.ts";
import { type Run, runAll } from "./run-proofs.ts";

export type Staircase = {
  lessons: Lesson[];
  rows: Row[];
  /** Every run of the other tests, which have to pass in their lesson and in every later one. */
  tests: { on: string; run: Run }[];
};

/** Runs the staircase: every proof on its lesson, on every later one, and on the one before. */
export async function climb(
  options: { root?: string; madeIn?: Lesson; onLesson?: (lesson: Lesson) => void } = {},
): Promise<Staircase> {
  const root = options.root ?? repositoryRoot;
  const lessons = findLessons(root);
  const built = await build(lessons);
  try {
    const columns = lessons.flatMap((lesson, index) => {
      const files = testsFor(index, lessons, options.madeIn);
      const hasFiles = files.mustHold.length + files.mustFail.length > 0;
      return hasFiles && existsSync(path.join(lesson.path, "engine")) ? [{ lesson, ...files }] : [];
    });
    const surroundings = { root, built, scratch: await createScratchDatabase() };
    const { runs, uncaught } = await runAll(columns, surroundings, options.onLesson);
    const tests = [...runs].flatMap(([on, all]) =>
      all.filter(({ isProof }) => !isProof).map((run) => ({ on, run })),
    );
    // Of which lesson they are, nobody knows.
    const onAny = columns.map(({ lesson }) => lesson.number).join(", ");
    tests.push(...uncaught.map((run) => ({ on: onAny, run })));
    return { lessons, rows: matrixOf(lessons, runs), tests };
  } finally {
    built?.remove();
  }
}

/** What runs on a lesson: all that it and those before it promise has to hold, and the proofs of the next one to fail. */
function testsFor(index: number, lessons: Lesson[], madeIn: Lesson | undefined) {
  const wanted = (each: Lesson | undefined): each is Lesson =>
    each !== undefined && (!madeIn || each.number === madeIn.number);
  return {
    mustHold: lessons
      .slice(0, index + 1)
      .filter(wanted)
      .flatMap((each) => [globOf(each, "proofs"), globOf(each, "tests")]),
    mustFail: [lessons[index + 1]].filter(wanted).map((next) => globOf(next, "proofs")),
  };
}

function globOf(lesson: Lesson, kind: "proofs" | "tests"): string {
  return `lessons/${lesson.folder}/${kind}/**/*.test.ts`;
}
