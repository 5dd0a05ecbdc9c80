import pc from "picocolors";
import type { Lesson } from "../lessons/lessons.ts";
import type { Row } from "./matrix.ts";

/** The places to crash at as lines, lessons across: in how many of the ways to die what must came of it. */
export function crashLines(lessons: Lesson[], rows: Row[]): string[] {
  const crashes = rows.flatMap(({ madeIn, cells }) =>
    cells.flatMap(({ lesson, crashPoints }) =>
      Object.entries(crashPoints).map(([point, held]) => ({
        place: `${madeIn}  ${point}`,
        lesson,
        held,
      })),
    ),
  );
  if (crashes.length === 0) return [];
  const numbers = lessons
    .map(({ number }) => number)
    .filter((number) => crashes.some(({ lesson }) => lesson === number));
  const places = [...new Set(crashes.map(({ place }) => place))];
  const width = Math.max(...[TITLE, ...places].map(({ length }) => length));
  const line = (title: string, cells: string[]) =>
    `${title.padEnd(width)}  ${cells.map((cell) => cell.padEnd(5)).join("  ")}`.trimEnd();
  const counted = (title: string, of: typeof crashes) => {
    const on = (number: string) => of.filter(({ lesson }) => lesson === number);
    return line(
      title,
      numbers.map((number) => fraction(on(number).flatMap(({ held }) => held))),
    );
  };
  return [
    pc.dim(line(TITLE, numbers)),
    ...places.map((title) =>
      counted(
        title,
        crashes.filter(({ place }) => place === title),
      ),
    ),
    counted("    all", crashes),
  ];
}

const TITLE = "    crashed at this place, it ends as it must";

function fraction(outcomes: boolean[]): string {
  if (outcomes.length === 0) return "";
  return `${outcomes.filter((holds) => holds).length}/${outcomes.length}`;
}
