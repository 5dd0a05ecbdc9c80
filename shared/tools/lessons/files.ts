import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Lesson } from "./lessons.ts";

/** The files of a lesson, as `engine/worker.ts`, in the order in which one reads a difference. */
export function lessonFiles(lesson: Lesson): string[] {
  return inReadingOrder(filesUnder(lesson.path));
}

/** Schema and queries first, then the engine from its lowest layer up, then what uses it. */
export function inReadingOrder(files: string[]): string[] {
  return [...files].sort((a, b) => {
    if (rank(a) !== rank(b)) return rank(a) - rank(b);
    return a < b ? -1 : a > b ? 1 : 0;
  });
}

/** Whether `pnpm typegen` or `pnpm lesson changes` writes this file. */
export function isGenerated(file: string): boolean {
  return file === "sql/queries.ts" || file === "CHANGES.diff";
}

/** Whether this file is what a lesson teaches: the engine, its schema and its queries. */
export function isTaught(file: string): boolean {
  if (file === "sql/schema.sql" || file === "sql/queries.sql") return true;
  return file.startsWith("engine/") && file.endsWith(".ts");
}

/** The text of a lesson's file with its lines ended by `\n`, however this checkout ends them. */
export function readText(lesson: Lesson, file: string): string {
  return readFileSync(path.join(lesson.path, file), "utf8").replaceAll("\r\n", "\n");
}

/** The engine's files from below: each imports only from files before it. */
export const ENGINE_FILES = [
  "errors.ts",
  "bell.ts",
  "retry.ts",
  "interruption.ts",
  "grace.ts",
  "answer.ts",
  "semaphore.ts",
  "group.ts",
  "task.ts",
  "client.ts",
  "report.ts",
  "writes.ts",
  "history.ts",
  "delivery.ts",
  "suspension.ts",
  "context.ts",
  "execute.ts",
  "outcome.ts",
  "lease.ts",
  "listener.ts",
  "worker.ts",
  "signals.ts",
  "index.ts",
];

const READING_ORDER = [
  "sql/schema.sql",
  "sql/queries.sql",
  ...ENGINE_FILES.map((file) => `engine/${file}`),
  "engine/",
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

/** The files under a folder, as `engine/worker.ts`, without packages and what a dot hides. */
export function filesUnder(folder: string, prefix = ""): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules" || entry.name.startsWith(".")) return [];
    const file = `${prefix}${entry.name}`;
    if (entry.isDirectory()) return filesUnder(path.join(folder, entry.name), `${file}/`);
    return entry.isFile() ? [file] : [];
  });
}
