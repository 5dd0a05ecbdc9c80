import { existsSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { UserError } from "../../runtime/user-error.ts";
import { colours, print } from "../cli/output.ts";
import { diffLessons, diffTexts, type FileDiff } from "./file-diff.ts";
import { isTaught, readText } from "./files.ts";
import { findLessons, type Lesson, lessonBefore, repositoryRoot } from "./lessons.ts";

export type StaleChanges = {
  lesson: Lesson;
  /** Relative to the repository: `lessons/02-simple-queue/CHANGES.diff`. */
  file: string;
  /** What the file holds; undefined if there is none. */
  actual: string | undefined;
  /** What it must hold; undefined if there must be none. */
  expected: string | undefined;
};

/** `pnpm lesson changes`: writes each lesson's `CHANGES.diff`, or checks that they are up to date. */
export function changesCommand(root: string = repositoryRoot): Command {
  return new Command("changes")
    .description("write each lesson's CHANGES.diff: its engine and SQL against the lesson before")
    .option("--check", "change nothing; fail if a CHANGES.diff is not up to date")
    .addHelpText("after", "\nExamples:\n  pnpm lesson changes\n  pnpm lesson changes --check")
    .action((options: { check?: boolean }) => {
      const stale = staleChanges(root);
      if (stale.length === 0) return print("Every CHANGES.diff is up to date.");
      if (!options.check) return stale.forEach(bringUpToDate);
      print(stale.map(describe).join("\n\n"));
      const files = stale.length === 1 ? "1 file is" : `${stale.length} files are`;
      throw new UserError(`${files} not up to date:\nrun pnpm lesson changes`);
    });
}

/** What a lesson's `CHANGES.diff` must hold; undefined for the first lesson, which has none. */
export function changesOf(lesson: Lesson, lessons: Lesson[] = findLessons()): string | undefined {
  const before = lessonBefore(lesson, lessons);
  if (!before) return undefined;
  return diffLessons(before, lesson, { only: isTaught })
    .map((diff) => withHeader(diff, before, lesson))
    .join("");
}

/** Every `CHANGES.diff` of the repository at `root` that is not what `changesOf` says. */
export function staleChanges(root: string = repositoryRoot): StaleChanges[] {
  const lessons = findLessons(root);
  return lessons
    .map((lesson) => ({
      lesson,
      file: `lessons/${lesson.folder}/CHANGES.diff`,
      actual: existsSync(pathOf(lesson)) ? readText(lesson, "CHANGES.diff") : undefined,
      expected: changesOf(lesson, lessons),
    }))
    .filter(({ actual, expected }) => actual !== expected);
}

function bringUpToDate({ lesson, file, expected }: StaleChanges): void {
  if (expected === undefined) {
    rmSync(pathOf(lesson));
    print(`removed ${file}: there is no lesson before it`);
  } else {
    writeFileSync(pathOf(lesson), expected);
    print(`wrote ${file}`);
  }
}

const LINES_SHOWN = 20;

function describe({ file, actual, expected }: StaleChanges): string {
  const c = colours();
  if (expected === undefined) return c.bold(`${file}: there is no lesson before it`);
  if (actual === undefined) return c.bold(`${file}: missing`);
  const lines = diffTexts(actual, expected).hunks.trimEnd().split("\n");
  const left = lines.length - LINES_SHOWN;
  return [
    c.bold(`${file}: not up to date (- as it is, + as it must be)`),
    ...lines.slice(0, LINES_SHOWN),
    ...(left > 0 ? [c.dim(`… ${left} more lines`)] : []),
  ].join("\n");
}

function withHeader({ file, kind, hunks }: FileDiff, before: Lesson, after: Lesson): string {
  const from = kind === "new" ? "/dev/null" : `${before.folder}/${file}`;
  const to = kind === "deleted" ? "/dev/null" : `${after.folder}/${file}`;
  return `--- ${from}\n+++ ${to}\n${hunks}`;
}

function pathOf(lesson: Lesson): string {
  return path.join(lesson.path, "CHANGES.diff");
}
