import type { Lesson } from "./lessons.ts";

/**
 * The last lesson that has been rewritten. The lessons after it still build on the former ones, so no proof, upgrade, diff
 * or fix goes from one group to the other. Once all lessons are rewritten, delete this file and every use of it.
 */
export const REWRITTEN_UP_TO: string = "07";

/** Stands for the result of a proof that does not run on a lesson of the other group. */
export const OPEN = "○";

/** Whether one of these two lessons, given by their numbers, has been rewritten and the other has not. */
export function isAcross(one: string, other: string, upTo: string = REWRITTEN_UP_TO): boolean {
  return one <= upTo !== other <= upTo;
}

/** Returns the lessons of the other group on which the proofs of the lesson `madeIn` will run one day. */
export function openLessons(madeIn: string, lessons: Lesson[], upTo?: string): string[] {
  const before = lessons.findIndex(({ number }) => number === madeIn) - 1;
  return lessons
    .slice(Math.max(before, 0))
    .map(({ number }) => number)
    .filter((number) => isAcross(madeIn, number, upTo));
}

/** Returns the sentence that says why nothing crosses from one lesson to the next. */
export function whyOpen(lesson: string, before: string): string {
  return `Lesson ${lesson} does not build on the rewritten lesson ${before} yet`;
}
