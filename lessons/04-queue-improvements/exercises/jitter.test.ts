import { expect, test } from "vitest";
import { backoffMsAfter } from "#engine/retry-policy.ts";

const TASKS = 1_000;

test("with full jitter, a thousand retries spread over the whole wait", () => {
  // Evenly spread numbers stand in for random ones.
  const waits = Array.from({ length: TASKS }, (_, n) => backoffMsAfter(3, {}, n / TASKS));
  expect(mostInOneTenth(waits)).toBeLessThanOrEqual(TASKS * 0.1 + 1);
});

test("without jitter they come back at the same moment, and with ten percent of jitter within a tenth of the wait", () => {
  const none = Array.from({ length: TASKS }, () => backoffMsAfter(3, {}, 1));
  expect(mostInOneTenth(none)).toBe(TASKS);
  const some = Array.from({ length: TASKS }, (_, n) => backoffMsAfter(3, {}, 0.9 + n / TASKS / 10));
  expect(mostInOneTenth(some)).toBeGreaterThan(TASKS * 0.9);
});

/** Returns the most waits that end within the same tenth of the longest wait, 4,000 ms. */
function mostInOneTenth(waits: number[]): number {
  const tenths = new Map<number, number>();
  for (const wait of waits) {
    const tenth = Math.min(9, Math.floor(wait / 400));
    tenths.set(tenth, (tenths.get(tenth) ?? 0) + 1);
  }
  return Math.max(...tenths.values());
}
