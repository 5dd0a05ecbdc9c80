import { existsSync } from "node:fs";
import path from "node:path";
import type { Lesson } from "../lessons/lessons.ts";
import { isAcross } from "../lessons/rewritten.ts";

/** The test files that run on a lesson, as globs relative to the root. */
export type Column = { lesson: Lesson; files: string[] };

export type Extent = {
  /** Only the guarantees that this lesson makes. Default: those of all lessons. */
  madeIn?: Lesson | undefined;
  /** Every lesson's files on every later lesson too. Default: on their own lesson, the one before and the newest. */
  all?: boolean;
};

/**
 * Returns what runs on which lesson: proofs and other tests on their own lesson and on later ones, where they must pass;
 * worked answers of exercises on their own lesson; and proofs on the lesson before, where they must fail.
 */
export function columnsOf(
  lessons: Lesson[],
  { madeIn, all = false }: Extent,
  rewrittenUpTo?: string,
): Column[] {
  return lessons.flatMap((lesson, index) => {
    const next = lessons[index + 1];
    const isNewest = !next || isAcross(lesson.number, next.number, rewrittenUpTo);
    if (!existsSync(path.join(lesson.path, "engine"))) return [];
    const files = lessons.flatMap((maker, made) => {
      if (madeIn && maker.number !== madeIn.number) return [];
      if (isAcross(maker.number, lesson.number, rewrittenUpTo)) return [];
      if (made === index + 1) return [globOf(maker, "proofs")];
      if (made > index || (made < index && !all && !isNewest)) return [];
      const later = [globOf(maker, "proofs"), globOf(maker, "tests")];
      return made === index ? [...later, globOf(maker, "exercises")] : later;
    });
    return files.length > 0 ? [{ lesson, files }] : [];
  });
}

function globOf(lesson: Lesson, kind: "proofs" | "tests" | "exercises"): string {
  return `lessons/${lesson.folder}/${kind}/**/*.test.ts`;
}
