import { expect, test } from "vitest";
import { diffLines } from "./line-diff.ts";

const diff = (before: string, after: string) =>
  diffLines([...before], [...after])
    .map(({ sign, text }) => sign + text)
    .join("");

test("a diff keeps common lines, and lists removed lines before added lines", () => {
  expect(diff("abc", "abc")).toBe(" a b c");
  expect(diff("abc", "axc")).toBe(" a-b+x c");
  expect(diff("ab", "abab")).toBe(" a b+a+b");
  expect(diff("", "ab")).toBe("+a+b");
  expect(diff("ab", "")).toBe("-a-b");
});

test("a bracket that two rewritten blocks have in common does not split the change", () => {
  expect(diff("ab}cd", "xy}zw")).toBe("-a-b-}-c-d+x+y+}+z+w");
  expect(diff("a}b}", "a}x}b}")).toBe(" a }+x+} b }");
});
