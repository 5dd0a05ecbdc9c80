import { inReadingOrder } from "../lessons/files.ts";
import type { Lesson } from "../lessons/lessons.ts";
import type { Propagation } from "./state.ts";

/** What was carried where, as a table, and what remains to be done. */
export function renderReport(propagation: Propagation, lessons: Lesson[]): string {
  const { fixed, carried } = propagation;
  const numbers = lessons.map(({ number }) => number).filter((number) => number > fixed);
  const labels = inReadingOrder([...new Set(carried.map(({ label }) => label))]);
  const rows = [
    ["", ...numbers],
    ...labels.map((label) => [
      label,
      ...numbers.map(
        (number) =>
          carried.find((done) => done.label === label && done.lesson === number)?.how ?? "-",
      ),
    ]),
  ];
  return [
    `The fix from lesson ${fixed} has travelled:`,
    "",
    ...aligned(rows),
    "",
    "Now run pnpm typegen, pnpm lesson changes, pnpm lesson docs and pnpm test,",
    "and commit all lessons together.",
  ].join("\n");
}

function aligned(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
