import pc from "picocolors";
import type { Lesson } from "../lessons.ts";
import type { Cell, Row } from "./matrix.ts";

/** The places to crash at as lines, lessons across: in how many of the ways to die what must came of it. */
export function crashLines(lessons: Lesson[], rows: Row[]): string[] {
  const crashing = rows.filter(({ cells }) => cells.some((cell) => pointsOf(cell).length > 0));
  const numbers = lessons
    .map(({ number }) => number)
    .filter((number) => crashing.some(({ cells }) => cells.some((cell) => isOn(cell, number))));
  const places = crashing.flatMap((row) => {
    const points = new Set(row.cells.flatMap(pointsOf));
    return [...points].map((point) => ({ row, point }));
  });
  if (places.length === 0) return [];
  const width = Math.max(...places.map(({ point }) => point.length), TITLE.length);
  const line = (madeIn: string, title: string, counts: string[]) =>
    `${madeIn}  ${title.padEnd(width)}  ${counts.map((count) => count.padEnd(5)).join("  ")}`.trimEnd();
  const countIn = ({ cells }: Row, point: string, number: string) =>
    fraction(
      cells.filter((cell) => isOn(cell, number)).flatMap((cell) => cell.crashPoints[point] ?? []),
    );
  const all = (number: string) =>
    fraction(
      crashing.flatMap(({ cells }) =>
        cells
          .filter((cell) => isOn(cell, number))
          .flatMap((cell) => Object.values(cell.crashPoints).flat()),
      ),
    );
  return [
    pc.dim(line("  ", TITLE, numbers)),
    ...places.map(({ row, point }) =>
      line(
        row.madeIn,
        point,
        numbers.map((number) => countIn(row, point, number)),
      ),
    ),
    line("  ", "all", numbers.map(all)),
  ];
}

const TITLE = "crashed at this place, it ends as it must";

function pointsOf(cell: Cell): string[] {
  return Object.keys(cell.crashPoints);
}

function isOn(cell: Cell, lesson: string): boolean {
  return cell.lesson === lesson && pointsOf(cell).length > 0;
}

function fraction(outcomes: boolean[]): string {
  if (outcomes.length === 0) return "";
  return `${outcomes.filter((holds) => holds).length}/${outcomes.length}`;
}
