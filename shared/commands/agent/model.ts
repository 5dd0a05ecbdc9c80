import type { FileFacts } from "./lesson-source.ts";

export type Reading = { lesson: string; files: FileFacts[] };
export type Growth = { lesson: string; lines: number; added: number };

/** Plans which lessons to read. A few rules simulate a model and, as models do, also ask for a lesson that does not exist. */
export function planReading(question: string, lessons: string[]): string[] {
  const numbers = question.match(/\b\d\d?\b/g)?.map((number) => number.padStart(2, "0")) ?? [];
  const named = lessons.filter((lesson) => numbers.includes(lesson.slice(0, 2)));
  return [...(named.length > 0 ? named : lessons), "99-time-travel"];
}

/** Returns how much each lesson added to the one read before it. */
export function growthOf(readings: Reading[]): Growth[] {
  let before = 0;
  return readings.map(({ lesson, files }) => {
    const lines = sum(files);
    const added = lines - before;
    before = lines;
    return { lesson, lines, added };
  });
}

/** Returns the lesson that added the most code, and the lesson to compare it with. */
export function planCloserLook(readings: Reading[]): { lesson: string; before: string } {
  const growth = growthOf(readings);
  const [first, ...others] = growth;
  if (!first) throw new Error("No lesson could be read");
  const most = others.reduce((best, each) => (each.added > best.added ? each : best), first);
  const before = growth[growth.indexOf(most) - 1] ?? first;
  return { lesson: most.lesson, before: before.lesson };
}

/** Returns a sentence about the largest files of a lesson. */
export function phraseWeight({ lesson, files }: Reading): string {
  const heaviest = [...files].sort((a, b) => b.lines - a.lines).slice(0, 4);
  const share = Math.round((100 * sum(heaviest)) / sum(files));
  const names = heaviest.map(({ file }) => file.replace(/^\w+\//, "")).join(", ");
  return `${share} % of lesson ${lesson.slice(0, 2)} is in four of its ${files.length} files: ${names}.`;
}

function sum(files: FileFacts[]): number {
  return files.reduce((total, { lines }) => total + lines, 0);
}
