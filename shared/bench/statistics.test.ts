import { expect, test } from "vitest";
import { percentile, spreadOf } from "./statistics.ts";

test("the median of an even number of values is the mean of the middle two", () => {
  expect(spreadOf([4, 1, 3, 10])).toEqual({ median: 3.5, least: 1, most: 10, runs: 4 });
  expect(spreadOf([7]).median).toBe(7);
});

test("a percentile does not depend on the order of the values", () => {
  const values = Array.from({ length: 101 }, (_, index) => 100 - index);
  expect(percentile(values, 0.5)).toBe(50);
  expect(percentile(values, 0.99)).toBe(99);
  expect(percentile(values, 1)).toBe(100);
});

test("an empty list of values is refused", () => {
  expect(() => spreadOf([])).toThrow(RangeError);
  expect(() => percentile([], 0.5)).toThrow(RangeError);
});
