import { stripVTControlCharacters } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import {
  callSite,
  eventLog,
  section,
  sideBySide,
  sparkline,
  Timeline,
  table,
  workerLog,
} from "./index.ts";
import { tableLines } from "./table.ts";

afterEach(() => vi.restoreAllMocks());

// Whether the output has colours depends on the terminal and the environment.
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

test("a table shows strings unchanged and every other value as JSON", () => {
  expect(plainLines([{ json: { a: [1] }, text: "x", none: null, yes: true }])).toEqual([
    "json       text  none  yes",
    '{"a":[1]}  x     null  true',
  ]);
});

test("an empty table prints a placeholder", () => {
  expect(printed(() => table([]))).toEqual(["  (no rows)"]);
});

test("a timeline prints its two sides in two columns", () => {
  const lines = printed(() => {
    const timeline = new Timeline("A", "B");
    timeline.left("begin");
    timeline.right("waits");
  });
  expect(lines.map((line) => line.indexOf(line.trim()))).toEqual([2, 2, 38]);
  expect(lines[0]?.indexOf("B")).toBe(38);
});

test("a sparkline shows a full block only from the maximum upwards", () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 8)).toBe(" ▁▂▃▄▅▆▇██");
  expect(sparkline([-1, 0, 1, 99, 100], 100)).toBe("  ▁▇█");
});

test("a section heading has the form that `pnpm lesson docs` looks for", () => {
  expect(printed(() => section("Break it"))[0]?.trim()).toMatch(/^── Break it ─+$/);
});

test("an event log is printed from top to bottom, and a long pause gets a line of its own", () => {
  const start = new Date("2026-01-31T12:00:00Z").getTime();
  const event = (seq: number, ms: number, name: string) => ({
    seq,
    happenedAt: new Date(start + ms),
    position: seq,
    kind: "step",
    name,
    error: null,
  });
  const lines = printed(() =>
    eventLog([
      { ...event(1, 0, "reserve"), status: "succeeded", output: { shelf: 3 } },
      { ...event(2, 10, "ship"), status: "failed", output: null, error: { message: "no lorry" } },
      { ...event(3, 1_010, "ship"), status: "succeeded", output: null },
    ]),
  );
  expect(lines).toEqual([
    '      0 ms  ● 1  step 1 "reserve"  succeeded  {"shelf":3}',
    '     10 ms  ✗ 2  step 2 "ship"     failed     no lorry',
    "            ╎  nothing for 1000 ms",
    '   1010 ms  ● 3  step 3 "ship"     succeeded',
  ]);
});

test("a worker log prints every line and knows which tasks have ended", () => {
  const { log, hasLoggedEnd } = workerLog();
  const lines = [
    "worker-1 claimed order task=7",
    'worker-1 retried order task=7 in 5 ms error="task=8"',
    "worker-1 succeeded order task=17 attempt=2",
    'worker-1 failed send mail task=3 error="no task=4"',
  ];
  expect(printed(() => lines.forEach(log))).toEqual(lines.map((line) => `  ${line}`));
  expect(["3", "4", "7", "8", "17"].filter(hasLoggedEnd)).toEqual(["3", "17"]);
});

test("two lists stand side by side around the marked line, which may be missing in one of them", () => {
  const lines = (count: number, text: string): [number, string][] =>
    Array.from({ length: count }, (_, index) => [index + 1, `${text} ${index + 1}`]);
  const sides = { titles: ["the log", "the code"] as [string, string], around: 1 };
  const left = new Map(lines(4, "step"));
  expect(sideBySide({ ...sides, left, right: new Map(lines(2, "call")), at: 3 })).toEqual([
    "     the log  the code",
    "  …",
    "  2  step 2   call 2",
    "> 3  step 3",
    "  4  step 4",
  ]);
  expect(sideBySide({ ...sides, left, right: new Map(), at: 1 })).toEqual([
    "     the log  the code",
    "> 1  step 1",
    "  2  step 2",
  ]);
});

test("a call site is the innermost caller outside of a folder", () => {
  const here = /^shared\/runtime\/console\/console\.test\.ts:\d+$/;
  expect(callSite("/nowhere/")?.replaceAll("\\", "/")).toMatch(here);
  expect(callSite(import.meta.dirname) ?? "").not.toMatch(here);
});
