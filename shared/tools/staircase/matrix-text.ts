import pc from "picocolors";
import { OPEN } from "../lessons/rewritten.ts";
import { crashRows } from "./crash-points.ts";
import type { Staircase } from "./index.ts";
import type { Row } from "./matrix.ts";

/** Returns what `pnpm lesson prove` prints: the matrix, what its signs mean, and the points to crash at. */
export function summaryText(staircase: Staircase): string {
  const matrix = `${matrixLines(staircase).join("\n")}\n\n${legend(staircase)}`;
  const crashes = crashLines(staircase);
  return crashes.length > 0 ? `${matrix}\n\n${crashes.join("\n")}` : matrix;
}

const LEGEND = "✓ holds   ✗ fails, as it must   ! not as it must be";

function legend({ rows }: Staircase): string {
  if (rows.every(({ open = [] }) => open.length === 0)) return LEGEND;
  return `${LEGEND}\n${OPEN} not run: only one of the two lessons has been rewritten`;
}

function matrixLines({ lessons, rows }: Staircase): string[] {
  const numbers = lessons.map(({ number }) => number);
  const width = Math.max(...rows.map(({ guarantee }) => guarantee.length), "guarantee".length);
  return [
    pc.dim(`    ${"guarantee".padEnd(width)}  ${numbers.join("  ")}`),
    ...rows.map((row) => {
      const cells = numbers.map((number) => coloured(symbolOf(row, number)));
      return `${row.madeIn}  ${row.guarantee.padEnd(width)}  ${cells.join("   ")}`.trimEnd();
    }),
  ];
}

function crashLines({ lessons, rows }: Staircase): string[] {
  const crashes = crashRows(rows);
  const numbers = lessons
    .map(({ number }) => number)
    .filter((number) => crashes.some(({ on }) => on.has(number)));
  const title = "crashed at this point, the result is as it must be";
  const width = Math.max(
    ...[title, ...crashes.map(({ point }) => point)].map((text) => text.length),
  );
  const line = (madeIn: string, point: string, cells: string[]) =>
    `${madeIn.padEnd(2)}  ${point.padEnd(width)}  ${cells.map((cell) => cell.padEnd(7)).join("")}`.trimEnd();
  if (crashes.length === 0) return [];
  return [
    pc.dim(line("", title, numbers)),
    ...crashes.map(({ madeIn, point, on }) =>
      line(
        madeIn,
        point,
        numbers.map((number) => on.get(number) ?? ""),
      ),
    ),
  ];
}

/** Returns the sign for a guarantee on a lesson; a space if its proof did not run there. */
export function symbolOf(
  { cells, open }: Row,
  lesson: string,
): "✓" | "✗" | "!" | " " | typeof OPEN {
  const cell = cells.find((each) => each.lesson === lesson);
  if (!cell) return open?.includes(lesson) ? OPEN : " ";
  if (!cell.asItMust) return "!";
  return cell.mustHold ? "✓" : "✗";
}

function coloured(symbol: string): string {
  const colours: Record<string, (text: string) => string> = {
    "✓": pc.green,
    "✗": pc.yellow,
    "!": pc.red,
  };
  return colours[symbol]?.(symbol) ?? symbol;
}
