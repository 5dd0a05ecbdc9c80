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
    ...columns([["lesson", "lines", "added", "statements", "exports"], ...lessons]),
    "",
    `Lesson ${closer.lesson.slice(0, 2)} added most. Its files that grew most:`,
    "",
    ...columns(grown.map(({ file, lines, added }) => [file, String(lines), signed(added)])),
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

/** Aligns the first column to the left, the others to the right. */
function columns(rows: string[][]): string[] {
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths?.[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  "),
  );
}
