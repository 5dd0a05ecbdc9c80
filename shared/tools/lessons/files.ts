import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Lesson } from "./lessons.ts";

/**
 * Returns the files of all these lessons, as `engine/worker.ts`, in reading order: schema and queries first, then the
 * engine, in which each file imports only from files before it, with `index.ts` last, then the files that use the engine.
 * If several lessons have a file, the imports of the last one count.
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
  // Traversed from the top of the engine down, so that a file comes near the first file that uses it.
  for (const file of [INDEX, ...files]) visit(file);
  return [...ordered].sort((a, b) => rank(a) - rank(b));
}

/** Returns the files of a lesson's engine that this file imports, in the order of its imports. */
export function engineImports(lesson: Lesson, file: string): string[] {
  if (!isEngine(file)) return [];
  const imports =
    readText(lesson, file)?.matchAll(/^(?:import|export)\b[^;"]*"(\.[^"]+)";/gm) ?? [];
  return [...imports]
    .map(([, name = ""]) => path.posix.join(path.posix.dirname(file), name))
    .filter(isEngine);
}

/** Returns true if `pnpm typegen` generates this file. */
export function isGenerated(file: string): boolean {
  return file === "sql/queries.ts";
}

/** Returns true if this file is teaching code: the engine, its schema or its queries. */
export function isTaught(file: string): boolean {
  return isEngine(file) || file === "sql/schema.sql" || file === "sql/queries.sql";
}

/** Returns the text of a lesson's file with `\n` line endings; undefined if there is no such file. */
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

/** Returns the files under a folder, as `engine/worker.ts`, except `node_modules` and dotfiles. */
export function filesUnder(folder: string, prefix = ""): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules" || entry.name.startsWith(".")) return [];
    const file = `${prefix}${entry.name}`;
    if (entry.isDirectory()) return filesUnder(path.join(folder, entry.name), `${file}/`);
    return entry.isFile() ? [file] : [];
  });
}
