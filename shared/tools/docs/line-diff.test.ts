import { expect, test } from "vitest";
import { diffLines } from "./line-diff.ts";

const diff = (before: string, after: string) =>
  diffLines([...before], [...after])
    .map(({ sign, text }) => sign + text)
    .join("");

test("a diff keeps what both have, and takes out before it puts in", () => {
  expect(diff("abc", "abc")).toBe(" a b c");
  expect(diff("abc", "axc")).toBe(" a-b+x c");
  expect(diff("ab", "abab")).toBe(" a b+a+b");
  expect(diff("", "ab")).toBe("+a+b");
  expect(diff("ab", "")).toBe("-a-b");
});

test("a bracket that two rewritten blocks share does not cut the change in two", () => {
  expect(diff("ab}cd", "xy}zw")).toBe("-a-b-}-c-d+x+y+}+z+w");
  expect(diff("a}b}", "a}x}b}")).toBe(" a }+x+} b }");
});
