import path from "node:path";
import { expect } from "vitest";

/**
 * Returns the folder of the lesson that `#engine` refers to: the lesson that the proof runner has chosen, or
 * else the lesson that the test file belongs to.
 */
export function lessonUnderTest(): string {
  if (process.env.LESSON_UNDER_TEST) return process.env.LESSON_UNDER_TEST;
  const testPath = expect.getState().testPath ?? "";
  const lesson = /^.*[\\/]lessons[\\/][^\\/]+/.exec(testPath)?.[0];
  if (!lesson) throw new Error(`${testPath} is not in a lesson`);
  return path.normalize(lesson);
}
