import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { crashRows } from "./crash-points.ts";
import { guaranteesText } from "./guarantees.ts";
import { type Cell, matrixOf, type Row } from "./matrix.ts";
import { summaryText } from "./matrix-text.ts";
import type { Run } from "./runs.ts";

const lessons = ["01", "02", "03"].map((number) => ({
  number,
  folder: `${number}-lesson`,
  path: `no such folder/${number}-lesson`,
}));

function cell(lesson: string, mustHold: boolean, crashPoints: Cell["crashPoints"] = {}): Cell {
  return { lesson, mustHold, asItMust: true, problems: [], crashPoints };
}

const rows: Row[] = [
  { madeIn: "01", guarantee: "never crashes", file: "01-lesson/proofs/a.test.ts", cells: [] },
  {
    madeIn: "02",
    guarantee: "crashes",
    file: "02-lesson/proofs/b.test.ts",
    cells: [
      cell("01", false, { "before it": [false, false] }),
      cell("02", true, { "before it": [true, true] }),
    ],
  },
  {
    madeIn: "03",
    guarantee: "crashes too",
    file: "03-lesson/proofs/c.test.ts",
    cells: [cell("02", false, { "before it": [true, false] })],
  },
];

test("each point to crash at counts for itself in each lesson that has it, and the last row counts all", () => {
  expect(crashRows(rows).map(({ on, ...row }) => ({ ...row, ...Object.fromEntries(on) }))).toEqual([
    { madeIn: "02", point: "before it", "01": "0/2", "02": "2/2" },
    { madeIn: "03", point: "before it", "02": "1/2" },
    { madeIn: "", point: "all", "01": "0/2", "02": "3/4" },
  ]);
  expect(crashRows(rows.slice(0, 1))).toEqual([]);
});

test("the document has a table for each lesson, with links to the proofs, and one of the crashes", () => {
  const text = guaranteesText({ lessons, rows });
  expect(text).toContain(`## 02-lesson

| guarantee                             | 01  | 02  | 03  |
| ------------------------------------- | --- | --- | --- |
| [crashes](02-lesson/proofs/b.test.ts) | ✗   | ✓   |     |
`);
  expect(text).toContain(`
| from | crashed   | 01  | 02  |
| ---- | --------- | --- | --- |
| 02   | before it | 0/2 | 2/2 |
| 03   | before it |     | 1/2 |
|      | all       | 0/2 | 3/4 |
`);
  const without = guaranteesText({ lessons, rows: rows.slice(0, 1) });
  expect(without).not.toContain("Crashes");
});

test("what is on the other side of the last rewritten lesson is shown as open, and has no cell", () => {
  const run = (
    madeIn: string,
    outcome: Run["outcome"],
    crashPoints: Run["crashPoints"] = {},
  ): Run => {
    const title = `made in ${madeIn}`;
    const file = `${madeIn}-lesson/proofs/a.test.ts`;
    const folder = `${madeIn}-lesson`;
    return {
      madeIn: folder,
      isProof: true,
      file,
      guarantee: title,
      title,
      outcome,
      message: "",
      crashPoints,
    };
  };
  const runs = new Map([
    ["01", [run("01", "passed"), run("02", "failed by assertion", { here: false })]],
    ["02", [run("01", "passed"), run("02", "passed", { here: true })]],
    ["03", [run("03", "passed", { there: true })]],
  ]);
  const open = matrixOf(lessons, runs, "02");
  expect(open.map(({ cells }) => cells.length)).toEqual([2, 2, 1]);

  const document = guaranteesText({ lessons, rows: open });
  expect(document).toContain("○ The proof does not run here yet");
  for (const row of [
    "| [made in 01](01-lesson/proofs/a.test.ts) | ✓   | ✓   | ○   |",
    "| [made in 02](02-lesson/proofs/a.test.ts) | ✗   | ✓   | ○   |",
    "| [made in 03](03-lesson/proofs/a.test.ts) |     | ○   | ✓   |",
    "| 02   | here    | 0/1 | 1/1 | ○   |",
    "| 03   | there   |     | ○   | 1/1 |",
    "|      | all     | 0/1 | 1/1 | 1/1 |",
  ]) {
    expect(document).toContain(row);
  }
  const printed = (rows: Row[]) =>
    stripVTControlCharacters(summaryText({ lessons, rows, tests: [], uncaught: [] }));
  expect(printed(open)).toMatch(/^03 {2}made in 03 {6}○ {3}✓$/m);
  expect(printed(open)).toContain("\n○ not run");

  const closed = matrixOf(lessons, runs, "03");
  expect(guaranteesText({ lessons, rows: closed }) + printed(closed)).not.toContain("○");
});
