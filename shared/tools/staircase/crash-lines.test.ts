import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { crashLines } from "./crash-lines.ts";
import type { Cell, Row } from "./matrix.ts";

const lessons = ["01", "02", "03"].map((number) => ({ number, folder: number, path: number }));

function cell(lesson: string, crashPoints: Cell["crashPoints"]): Cell {
  return { lesson, mustHold: true, asItMust: true, problems: [], crashPoints };
}

test("each place to crash at shows how often it held on each lesson, and the last line all of them", () => {
  const rows: Row[] = [
    { madeIn: "01", promise: "has no places", cells: [cell("01", {})] },
    {
      madeIn: "02",
      promise: "crashes",
      cells: [
        cell("02", { "before it": [false, false] }),
        cell("03", { "before it": [true, true] }),
      ],
    },
    { madeIn: "03", promise: "crashes too", cells: [cell("03", { "after it": [true, false] })] },
  ];
  expect(crashLines(lessons, rows).map(stripVTControlCharacters)).toEqual([
    "    crashed at this place, it ends as it must  02     03",
    "02  before it                                  0/2    2/2",
    "03  after it                                          1/2",
    "    all                                        0/2    3/4",
  ]);
  expect(crashLines(lessons, rows.slice(0, 1))).toEqual([]);
});
