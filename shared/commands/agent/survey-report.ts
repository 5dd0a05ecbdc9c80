import { columns } from "../../runtime/console/columns.ts";
import type { FileFacts } from "./lesson-source.ts";
import { growthOf, type Reading } from "./model.ts";

export type FileGrowth = { file: string; lines: number; added: number };

export type Findings = {
  question: string;
  readings: Reading[];
  leftOut: string[];
  closer: { lesson: string; files: FileGrowth[] };
  weight: string;
};

/** All columns except the first are numeric. */
const NUMBERS = { right: [1, 2, 3, 4] };

/** Returns the lines of the report. */
export function writeReport({ question, readings, leftOut, closer, weight }: Findings): string[] {
  const growth = growthOf(readings);
  const lessons = readings.map(({ lesson, files }, index) => [
    lesson,
    String(growth[index]?.lines),
    index === 0 ? "" : signed(growth[index]?.added ?? 0),
    String(total(files, "statements")),
    String(total(files, "exports")),
  ]);
  const grown = [...closer.files].sort((a, b) => b.added - a.added).slice(0, 5);
  return [
    question,
    "",
    ...columns([["lesson", "lines", "added", "statements", "exports"], ...lessons], NUMBERS),
    "",
    `Lesson ${closer.lesson.slice(0, 2)} added most. Its files that grew most:`,
    "",
    ...columns(
      grown.map(({ file, lines, added }) => [file, String(lines), signed(added)]),
      NUMBERS,
    ),
    "",
    weight,
    ...leftOut.map((why) => `Left out: ${why}.`),
    "Blank lines are not counted. A few rules planned and phrased this report, not a model.",
  ];
}

function total(files: FileFacts[], what: "statements" | "exports"): number {
  return files.reduce((sum, facts) => sum + facts[what], 0);
}

function signed(added: number): string {
  return added < 0 ? String(added) : `+${added}`;
}
