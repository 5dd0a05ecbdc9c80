import { stripVTControlCharacters } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { section, sparkline, Timeline, table } from "./index.ts";
import { tableLines } from "./table.ts";

afterEach(() => vi.restoreAllMocks());

// Colours are there or not, as the terminal and the environment have it.
function plainLines(rows: object[]): string[] {
  return tableLines(rows).map(stripVTControlCharacters);
}

function printed(print: () => void): string[] {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  print();
  return log.mock.calls.map(([line]) => stripVTControlCharacters(line));
}

test("a table's columns are as wide as their widest cell", () => {
  expect(
    plainLines([
      { id: "1", name: "a" },
      { id: "1000", name: "b" },
    ]),
  ).toEqual(["id    name", "1     a", "1000  b"]);
});

test("values are shown as JSON, texts as they are, null as null", () => {
  expect(plainLines([{ json: { a: [1] }, text: "x", none: null, yes: true }])).toEqual([
    "json       text  none  yes",
    '{"a":[1]}  x     null  true',
  ]);
});

test("a table without rows says so", () => {
  expect(printed(() => table([]))).toEqual(["  (no rows)"]);
});

test("a timeline has two columns", () => {
  const lines = printed(() => {
    const timeline = new Timeline("A", "B");
    timeline.left("begin");
    timeline.right("waits");
  });
  expect(lines.map((line) => line.indexOf(line.trim()))).toEqual([2, 2, 38]);
  expect(lines[0]?.indexOf("B")).toBe(38);
});

test("a sparkline is as high as its levels, and full only at the top", () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 8)).toBe(" ▁▂▃▄▅▆▇██");
  expect(sparkline([-1, 0, 1, 99, 100], 100)).toBe("  ▁▇█");
});

test("a section is a line that the documents can find", () => {
  expect(printed(() => section("Break it"))[0]?.trim()).toMatch(/^── Break it ─+$/);
});
