import { expect, test } from "vitest";
import { task } from "#engine";
import { backoffMsAfter, maxAttemptsOf } from "#engine/retry-policy.ts";

test("the longest wait doubles with each attempt, up to `maxBackoffMs`", () => {
  const policy = { backoffMs: 1_000, maxBackoffMs: 10_000 };
  const longest = [1, 2, 3, 4, 5, 6].map((attempt) => backoffMsAfter(attempt, policy, 1));
  expect(longest).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  expect(backoffMsAfter(1_000, policy, 1)).toBe(10_000);
});

test("the wait is between zero and the longest wait", () => {
  const waits = [0, 0.25, 0.5, 1].map((random) => backoffMsAfter(2, {}, random));
  expect(waits).toEqual([0, 500, 1_000, 2_000]);
});

test("the default is three attempts", () => {
  expect([maxAttemptsOf(undefined), maxAttemptsOf({}), maxAttemptsOf({ maxAttempts: 7 })]).toEqual([
    3, 3, 7,
  ]);
});

test.each([
  [{ retry: { maxAttempts: 0 } }, /retry.maxAttempts is 0; .* from 1 to 1000/],
  [{ retry: { maxAttempts: 1.5 } }, /retry.maxAttempts is 1.5/],
  [{ retry: { backoffMs: -1 } }, /retry.backoffMs is -1/],
  [{ retry: { maxBackoffMs: Number.POSITIVE_INFINITY } }, /retry.maxBackoffMs is Infinity/],
  [{ timeoutMs: 0 }, /timeoutMs is 0/],
  [{ timeoutMs: 2 ** 31 }, /timeoutMs is 2147483648/],
])("a task with the options %j is refused", (options, message) => {
  expect(() => task({ name: "any", run: () => {}, ...options })).toThrow(message);
});
