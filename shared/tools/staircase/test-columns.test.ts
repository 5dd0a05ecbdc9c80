import { expect, test } from "vitest";
import { findLessons } from "../lessons/lessons.ts";
import { scratchFolder } from "../lessons/scratch-lessons.ts";
import { columnsOf, type Extent } from "./test-columns.ts";

/** Which kinds of files of which lessons run on which lesson, of four: `on 03: proofs of 03, …`. */
function columns(extent: Extent, rewrittenUpTo = "04"): Record<string, string[]> {
  const engines = ["01", "02", "03", "04"].flatMap((number) => [
    [`lessons/${number}-lesson/package.json`, "{}"],
    [`lessons/${number}-lesson/engine/index.ts`, ""],
  ]);
  const lessons = findLessons(scratchFolder(Object.fromEntries(engines)));
  return Object.fromEntries(
    columnsOf(lessons, extent, rewrittenUpTo).map(({ lesson, files }) => [
      lesson.number,
      files.map((glob) => /lessons\/(\d\d)-lesson\/(\w+)\//.exec(glob)?.slice(1).join(" ") ?? glob),
    ]),
  );
}

const own = (number: string) => [`${number} proofs`, `${number} tests`, `${number} exercises`];
const later = (number: string) => [`${number} proofs`, `${number} tests`];

test("proofs run on the lesson before, on their own and on the newest; other tests on the last two", () => {
  expect(columns({})).toEqual({
    "01": [...own("01"), "02 proofs"],
    "02": [...own("02"), "03 proofs"],
    "03": [...own("03"), "04 proofs"],
    "04": [...later("01"), ...later("02"), ...later("03"), ...own("04")],
  });
});

test("with `all`, proofs and tests run on every later lesson", () => {
  expect(columns({ all: true })["03"]).toEqual([
    ...later("01"),
    ...later("02"),
    ...own("03"),
    "04 proofs",
  ]);
});

test("nothing runs on the other side of the last rewritten lesson, which is the newest on its side", () => {
  const open = {
    "01": [...own("01"), "02 proofs"],
    "02": [...later("01"), ...own("02")],
    "03": [...own("03"), "04 proofs"],
    "04": [...later("03"), ...own("04")],
  };
  expect(columns({}, "02")).toEqual(open);
  expect(columns({ all: true }, "02")).toEqual(open);
});

test("the guarantees of one lesson run only where they have to", () => {
  const lessons = findLessons(
    scratchFolder({
      "lessons/01-lesson/package.json": "{}",
      "lessons/02-lesson/package.json": "{}",
    }),
  );
  const [, madeIn] = lessons;
  expect(columns({ madeIn })).toEqual({ "01": ["02 proofs"], "02": own("02"), "04": later("02") });
});
