import { OPEN } from "../lessons/rewritten.ts";
import type { Row } from "./matrix.ts";

/** A point to crash at: on each lesson, in how many of the ways to die the result was as it must be, such as `4/4`. */
export type CrashRow = { madeIn: string; point: string; on: Map<string, string> };

/** Returns a row for each point to crash at, and a last one that counts them all; none if nothing crashed. */
export function crashRows(rows: Row[]): CrashRow[] {
  const crashes = rows.flatMap(({ madeIn, cells, open = [] }) => {
    const ran = cells.flatMap(({ lesson, crashPoints }) =>
      Object.entries(crashPoints).map(([point, held]) => ({ madeIn, point, lesson, held })),
    );
    const notRun = ran.flatMap((crash) => open.map((lesson) => ({ ...crash, lesson, held: [] })));
    return [...ran, ...notRun];
  });
  const points = new Map<string, Crash[]>();
  for (const crash of crashes) {
    const key = `${crash.madeIn} ${crash.point}`;
    points.set(key, [...(points.get(key) ?? []), crash]);
  }
  const all = crashes.map((crash) => ({ ...crash, madeIn: "", point: "all" }));
  return [...points.values(), all].flatMap((same) => (same[0] ? [rowOf(same[0], same)] : []));
}

type Crash = { madeIn: string; point: string; lesson: string; held: boolean[] };

function rowOf({ madeIn, point }: Crash, crashes: Crash[]): CrashRow {
  const on = new Map<string, string>();
  for (const { lesson } of crashes) {
    const held = crashes.filter((crash) => crash.lesson === lesson).flatMap((crash) => crash.held);
    const count = `${held.filter((holds) => holds).length}/${held.length}`;
    on.set(lesson, held.length === 0 ? OPEN : count);
  }
  return { madeIn, point, on };
}
