// What must come to pass may take its time on a busy machine; what must not come to pass would always take all of it.
export const MUST_PASS_MS = 50_000;
const MUST_FAIL_MS = 5_000;

/** Returns for how long `expect.poll` waits, in milliseconds, in a lesson's test file that runs on the lesson in this folder. */
export function pollLimitMs(testFile: string, lessonUnderTest: string): number {
  return numberIn(testFile) > numberIn(lessonUnderTest) ? MUST_FAIL_MS : MUST_PASS_MS;
}

/** Returns the number of the lesson whose folder this path is, or is in. */
function numberIn(file: string): string {
  const number = /^.*[\\/]lessons[\\/](\d\d)-/.exec(file)?.[1];
  if (number === undefined) throw new Error(`${file} belongs to no lesson`);
  return number;
}
