import { expect, test } from "vitest";
import { crashRows } from "./crash-points.ts";
import { guaranteesText } from "./guarantees.ts";
import type { Cell, Row } from "./matrix.ts";

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
