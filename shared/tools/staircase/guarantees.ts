import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Lesson } from "../lessons/lessons.ts";
import { OPEN } from "../lessons/rewritten.ts";
import { crashRows } from "./crash-points.ts";
import type { Staircase } from "./index.ts";
import { symbolOf } from "./matrix-text.ts";

type Matrix = Pick<Staircase, "lessons" | "rows">;

const INTRODUCTION = `<!-- Written by \`pnpm lesson prove --all\`; do not edit. -->

# Guarantees

What the engine guarantees, lesson by lesson, and how we know. Every guarantee has a proof: a test that is written once, in the lesson
that makes the guarantee, and runs against the engines of other lessons too.

- ✓ The proof passes. It must pass on the lesson that makes the guarantee and on every later one.
- ✗ The proof fails on an assertion. It must do so on the lesson before: a proof that passes there proves nothing. A query of
  the proof that this lesson does not have yet counts as such a failure, too.

An empty cell is a lesson that does not know the guarantee yet. \`pnpm lesson prove --all\` runs all of it and writes this page.`;

const OPEN_LEGEND = `${OPEN} The proof does not run here yet, because only one of the two lessons has been rewritten.`;

const CRASHES = `## Crashes

Each row is a point in a task's life at which a proof lets things fail, in four ways: the worker is killed, its connections are reset,
Postgres is restarted, or Postgres is killed. A cell counts the ways after which the task ended as the proof demands. The lesson before does
not meet that demand.`;

/** Returns the text of `lessons/GUARANTEES.md` for a staircase of all lessons. */
export function guaranteesText(staircase: Matrix): string {
  const { lessons, rows } = staircase;
  const numbers = lessons.map(({ number }) => number);
  const sections = lessons.map((lesson) => {
    const made = rows.filter(({ madeIn }) => madeIn === lesson.number);
    const body = made.map((row) => [
      `[${row.guarantee}](${row.file})`,
      ...numbers.map((number) => symbolOf(row, number)),
    ]);
    return `## ${titleOf(lesson)}\n\n${table(["guarantee", ...numbers], body)}`;
  });
  const isOpen = rows.some(({ open = [] }) => open.length > 0);
  const introduction = isOpen ? [INTRODUCTION, OPEN_LEGEND] : [INTRODUCTION];
  return `${[...introduction, ...sections, ...crashes(staircase)].join("\n\n")}\n`;
}

function crashes({ lessons, rows }: Matrix): string[] {
  const points = crashRows(rows);
  const numbers = lessons
    .map(({ number }) => number)
    .filter((number) => points.some(({ on }) => on.has(number)));
  const body = points.map(({ madeIn, point, on }) => [
    madeIn,
    point,
    ...numbers.map((number) => on.get(number) ?? ""),
  ]);
  return points.length > 0 ? [CRASHES, table(["from", "crashed", ...numbers], body)] : [];
}

/** Returns the title of a lesson's README; its folder's name if it has none. */
function titleOf({ folder, path: lesson }: Lesson): string {
  const readme = path.join(lesson, "README.md");
  const text = existsSync(readme) ? readFileSync(readme, "utf8") : "";
  return /^# (.+)$/m.exec(text)?.[1]?.trim() ?? folder;
}

function table(header: string[], body: string[][]): string {
  const widths = header.map((_, index) =>
    Math.max(3, ...[header, ...body].map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: string[]) =>
    `| ${widths.map((width, index) => (cells[index] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join(
    "\n",
  );
}
