import { expect, test } from "vitest";
import { backoffMsAfter } from "#engine/retry.ts";

const TASKS = 1_000;

test("with full jitter, a thousand tasks that failed together come back spread over the whole wait", () => {
  // Any even spread of numbers will do for chance.
  const waits = Array.from({ length: TASKS }, (_, n) => backoffMsAfter(3, {}, n / TASKS));
  expect(mostInOneTenth(waits)).toBeLessThanOrEqual(TASKS * 0.1 + 1);
});

test("with none, they come back in one moment, and with a tenth of it, in a tenth of the time", () => {
  const none = Array.from({ length: TASKS }, () => backoffMsAfter(3, {}, 1));
  expect(mostInOneTenth(none)).toBe(TASKS);
  const some = Array.from({ length: TASKS }, (_, n) => backoffMsAfter(3, {}, 0.9 + n / TASKS / 10));
  expect(mostInOneTenth(some)).toBeGreaterThan(TASKS * 0.9);
});

/** How many waits end within the same tenth of the longest wait, 4,000 ms. */
function mostInOneTenth(waits: number[]): number {
  const tenths = new Map<number, number>();
  for (const wait of waits) {
    const tenth = Math.min(9, Math.floor(wait / 400));
    tenths.set(tenth, (tenths.get(tenth) ?? 0) + 1);
  }
  return Math.max(...tenths.values());
}
