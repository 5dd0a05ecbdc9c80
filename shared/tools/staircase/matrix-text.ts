import pc from "picocolors";
import type { Lesson } from "../lessons/lessons.ts";
import { crashLines } from "./crash-lines.ts";
import type { Row } from "./matrix.ts";

/** The matrix as lines: promises down, lessons across. */
export function matrixLines(lessons: Lesson[], rows: Row[]): string[] {
  const width = Math.max(...rows.map(({ promise }) => promise.length), "promise".length);
  const numbers = lessons.map(({ number }) => number);
  const header = pc.dim(`    ${"promise".padEnd(width)}  ${numbers.join("  ")}`);
  return [
    header,
    ...rows.map((row) => {
      const cells = numbers.map((number) => symbol(row, number));
      return `${row.madeIn}  ${row.promise.padEnd(width)}  ${cells.join("   ")}`.trimEnd();
    }),
  ];
}

/** What `pnpm lesson prove` prints while it is on its way. */
export function progressLine({ number }: Lesson): string {
  return `running proofs on lesson ${number} …`;
}

/** What it prints in the end: the matrix and what its signs mean, and the places to crash at. */
export function summaryText(lessons: Lesson[], rows: Row[]): string {
  const crashes = crashLines(lessons, rows);
  const matrix = `\n${matrixLines(lessons, rows).join("\n")}\n\n${LEGEND}`;
  return crashes.length > 0 ? `${matrix}\n\n${crashes.join("\n")}` : matrix;
}

const LEGEND = "✓ holds   ✗ fails, as it must   ! not as it must";

function symbol(row: Row, lesson: string): string {
  const cell = row.cells.find((each) => each.lesson === lesson);
  if (!cell) return " ";
  if (!cell.asItMust) return pc.red("!");
  return cell.mustHold ? pc.green("✓") : pc.yellow("✗");
}
