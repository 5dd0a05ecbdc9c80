import path from "node:path";
import { expect } from "vitest";

/**
 * The folder of the lesson whose engine `#engine` is: the one that the runner of the proofs chose, else
 * the one that the test itself belongs to.
 */
export function lessonUnderTest(): string {
  if (process.env.LESSON_UNDER_TEST) return process.env.LESSON_UNDER_TEST;
  const testPath = expect.getState().testPath ?? "";
  const lesson = /^.*[\\/]lessons[\\/][^\\/]+/.exec(testPath)?.[0];
  if (!lesson) throw new Error(`${testPath} belongs to no lesson`);
  return path.normalize(lesson);
}
