import path from "node:path";
import { UserError } from "../../runtime/user-error.ts";
import { type GitResult, tryGit } from "../lessons/git.ts";
import type { Lesson } from "../lessons/lessons.ts";
import { type Change, committed, labelOf, uncommittedChanges } from "./changes.ts";
import { readBytes } from "./files.ts";
import { hasConflictMarkers, isBinary } from "./merge.ts";

/** The commit that a fix is relative to; throws a `UserError` where there is none. */
export function headCommit(root: string): string {
  const inside = tryGit(root, ["rev-parse", "--is-inside-work-tree"]);
  if (inside.status !== 0) {
    throw new UserError(
      `${root} is not a git repository, so there is no commit to compare a fix with; clone the repository with git (git says: ${lastLine(inside)}).`,
    );
  }
  const head = tryGit(root, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
  if (head.status !== 0) {
    throw new UserError(
      "This repository has no commit yet, so a fix cannot be told from the rest; commit the lessons before you make the fix.",
    );
  }
  return head.stdout.toString().trim();
}

/** Throws a `UserError` if a lesson holds work that is in no commit, for then we could not tell it from the fix. */
export function refuseUncommittedWork(root: string, head: string, lessons: Lesson[]): void {
  const files = lessons.flatMap((lesson) =>
    uncommittedChanges(root, head, lesson).map(
      (change) => `  lessons/${lesson.folder}/${labelOf(change)}`,
    ),
  );
  if (files.length === 0) return;
  throw new UserError(
    [
      "Later lessons hold uncommitted work, which the fix would mix with; nothing was changed.",
      "Commit or stash these files first:",
      ...files,
    ].join("\n"),
  );
}

/** Throws a `UserError` if a change is to something other than text. */
export function refuseWhatCannotMerge(
  root: string,
  head: string,
  lesson: Lesson,
  changes: Change[],
): void {
  for (const { from, to } of changes) {
    const base = from === undefined ? undefined : committed(root, head, lesson, from);
    const theirs = to === undefined ? undefined : readBytes(path.join(lesson.path, to));
    const isOrdinary = to === undefined || theirs !== undefined;
    if (isOrdinary && !isBinary(base) && !isBinary(theirs)) continue;
    throw new UserError(
      `lessons/${lesson.folder}/${to ?? from} is binary or no ordinary file, and cannot be merged; carry it over by hand, commit it, and run this again. Nothing was changed.`,
    );
  }
}

/** Throws a `UserError` while the reader has still to choose between two sides. */
export function refuseConflictMarkers(root: string, file: string): void {
  const text = readBytes(path.join(root, file));
  if (!text || !hasConflictMarkers(text)) return;
  throw new UserError(
    `${file} still holds conflict markers; edit it until none is left, then run pnpm lesson propagate --continue.`,
  );
}

function lastLine({ stderr }: GitResult): string {
  return stderr.trim().split("\n").at(-1) ?? "";
}
