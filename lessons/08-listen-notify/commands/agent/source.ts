import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const LESSONS = fileURLToPath(new URL("../../../", import.meta.url));
const THIS_LESSON = path.basename(fileURLToPath(new URL("../../", import.meta.url)));

export type FileFacts = { file: string; lines: number; statements: number; exports: number };

/** The folders of the lessons up to this one, such as `02-simple-queue`. */
export function listLessons(): string[] {
  return readdirSync(LESSONS)
    .filter((name) => /^\d\d-/.test(name) && name <= THIS_LESSON)
    .sort();
}

/** What a lesson teaches: the files of its engine, and its SQL. */
export function listFiles(lesson: string): string[] {
  const taught = (folder: string, ending: string) =>
    readdirSync(path.join(LESSONS, lesson, folder))
      .filter((name) => name.endsWith(ending))
      .sort()
      .map((name) => `${folder}/${name}`);
  return [...taught("engine", ".ts"), ...taught("sql", ".sql")].filter(
    // It is made from two others.
    (file) => file !== "sql/upgrade.sql",
  );
}

export function hasFile(lesson: string, file: string): boolean {
  return existsSync(path.join(LESSONS, lesson, file));
}

/** Counts a file's lines that are not blank, its SQL statements, and what it exports. */
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
