import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Lesson } from "./lessons.ts";

/**
 * The files that any of these lessons has, as `engine/worker.ts`, in reading order: schema and queries first, then
 * the engine so that each file imports only from those before it, `index.ts` last, then what uses the engine. Where
 * two lessons have a file, the imports of the last one count.
 */
export function lessonFiles(...lessons: Lesson[]): string[] {
  const files = [...new Set(lessons.flatMap((lesson) => filesUnder(lesson.path)))].sort();
  const ordered = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file) || !files.includes(file)) return;
    seen.add(file);
    const lesson = lessons.findLast((each) => existsSync(path.join(each.path, file)));
    if (lesson) engineImports(lesson, file).forEach(visit);
    ordered.add(file);
  };
  // From the top of the engine down, so that a file stands near the first that uses it.
  for (const file of [INDEX, ...files]) visit(file);
  return [...ordered].sort((a, b) => rank(a) - rank(b));
}

/** The files of a lesson's engine that one of them imports, in the order in which it does. */
export function engineImports(lesson: Lesson, file: string): string[] {
  if (!isEngine(file)) return [];
  const imports =
    readText(lesson, file)?.matchAll(/^(?:import|export)\b[^;"]*"(\.[^"]+)";/gm) ?? [];
  return [...imports]
    .map(([, name = ""]) => path.posix.join(path.posix.dirname(file), name))
    .filter(isEngine);
}

/** Whether `pnpm typegen` writes this file. */
export function isGenerated(file: string): boolean {
  return file === "sql/queries.ts";
}

/** Whether this file is what a lesson teaches: the engine, its schema and its queries. */
export function isTaught(file: string): boolean {
  return isEngine(file) || file === "sql/schema.sql" || file === "sql/queries.sql";
}

/** The text of a lesson's file with lines that end in `\n`; undefined if there is no such file. */
export function readText(lesson: Lesson, file: string): string | undefined {
  const absolute = path.join(lesson.path, file);
  if (!existsSync(absolute)) return undefined;
  return readFileSync(absolute, "utf8").replaceAll("\r\n", "\n");
}

const INDEX = "engine/index.ts";

const READING_ORDER = [
  "sql/schema.sql",
  "sql/queries.sql",
  "engine/",
  INDEX,
  "sql/upgrade.sql",
  "sql/",
  "main.ts",
  "story/",
  "proofs/",
  "tests/",
];

function rank(file: string): number {
  const exact = READING_ORDER.indexOf(file);
  if (exact >= 0) return exact;
  const folder = READING_ORDER.findIndex((entry) => entry.endsWith("/") && file.startsWith(entry));
  return folder >= 0 ? folder : READING_ORDER.length;
}

function isEngine(file: string): boolean {
  return file.startsWith("engine/") && file.endsWith(".ts");
}

/** The files under a folder, as `engine/worker.ts`, without packages and what a dot hides. */
export function filesUnder(folder: string, prefix = ""): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules" || entry.name.startsWith(".")) return [];
    const file = `${prefix}${entry.name}`;
    if (entry.isDirectory()) return filesUnder(path.join(folder, entry.name), `${file}/`);
    return entry.isFile() ? [file] : [];
  });
}
