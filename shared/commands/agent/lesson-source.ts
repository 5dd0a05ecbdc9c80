import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const LESSONS = fileURLToPath(new URL("../../../lessons/", import.meta.url));

export type FileFacts = { file: string; lines: number; statements: number; exports: number };

/** Returns the names of the folders of the lessons up to this number, such as `02-simple-queue`. */
export function listLessons(upTo: string): string[] {
  return readdirSync(LESSONS)
    .filter((name) => /^\d\d-/.test(name) && name.slice(0, 2) <= upTo)
    .sort();
}

/** Returns the files with the lesson's teaching code: its engine and its SQL. */
export function listFiles(lesson: string): string[] {
  const taught = (folder: string, ending: string) =>
    readdirSync(path.join(LESSONS, lesson, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(ending))
      .map((name) => `${folder}/${name.replaceAll(path.sep, "/")}`)
      .sort();
  return [...taught("engine", ".ts"), ...taught("sql", ".sql")].filter(
    // Its changes are in schema.sql, too.
    (file) => file !== "sql/upgrade.sql",
  );
}

/** Returns true if the lesson has this file. */
export function hasFile(lesson: string, file: string): boolean {
  return existsSync(path.join(LESSONS, lesson, file));
}

/** Counts a file's non-blank lines, its SQL statements and its exports. */
export function countFile(lesson: string, file: string): FileFacts {
  const text = readFileSync(path.join(LESSONS, lesson, file), "utf8");
  return {
    file,
    lines: text.split("\n").filter((line) => line.trim() !== "").length,
    statements: count(text, /^\/\* @name /gm),
    exports: count(text, /^export /gm),
  };
}

function count(text: string, what: RegExp): number {
  return text.match(what)?.length ?? 0;
}
