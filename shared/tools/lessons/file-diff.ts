import { writeFileSync } from "node:fs";
import path from "node:path";
import { inReadingOrder, lessonFiles, readText } from "./files.ts";
import { gitAlone, inScratchFolder } from "./git.ts";
import type { Lesson } from "./lessons.ts";

export type FileDiff = {
  /** Relative to the lesson's folder: `engine/worker.ts`. */
  file: string;
  kind: "new" | "deleted" | "changed";
  /** From the first `@@` on; empty if a file appeared or went that was empty. */
  hunks: string;
  insertions: number;
  deletions: number;
};

export type DiffOptions = {
  /** Which files to compare. */
  only: (file: string) => boolean;
  /** Do not show a line where only the lesson's own name or number differs. */
  ignoreOwnName?: boolean;
};

/** How `after` differs from `before`, file by file in reading order. How lines end is no difference. */
export function diffLessons(before: Lesson, after: Lesson, options: DiffOptions): FileDiff[] {
  const filesBefore = new Set(lessonFiles(before).filter(options.only));
  const filesAfter = new Set(lessonFiles(after).filter(options.only));
  const files = inReadingOrder([...new Set([...filesBefore, ...filesAfter])]);

  return files.flatMap((file): FileDiff[] => {
    if (!filesBefore.has(file)) {
      return [{ file, kind: "new", ...diffTexts("", readText(after, file)) }];
    }
    if (!filesAfter.has(file)) {
      return [{ file, kind: "deleted", ...diffTexts(readText(before, file), "") }];
    }
    const newer = readText(after, file);
    const older = options.ignoreOwnName
      ? renamedLines(readText(before, file), newer, before, after)
      : readText(before, file);
    return older === newer ? [] : [{ file, kind: "changed", ...diffTexts(older, newer) }];
  });
}

/** The hunks of a unified diff; the same bytes on every machine. */
export function diffTexts(
  older: string,
  newer: string,
): Pick<FileDiff, "hunks" | "insertions" | "deletions"> {
  if (older.includes("\0") || newer.includes("\0")) {
    return { hunks: "Binary files differ\n", insertions: 0, deletions: 0 };
  }
  const hunks = inScratchFolder((folder) => {
    writeFileSync(path.join(folder, "older"), older);
    writeFileSync(path.join(folder, "newer"), newer);
    const { status, stdout, stderr } = gitAlone(folder, [...DIFF, "--", "older", "newer"]);
    if (status > 1) throw new Error(`git diff failed: ${stderr}`);
    const output = stdout.toString();
    const start = output.search(/^@@ /m);
    return start < 0 ? "" : output.slice(start);
  });
  return {
    hunks,
    insertions: hunks.match(/^\+/gm)?.length ?? 0,
    deletions: hunks.match(/^-/gm)?.length ?? 0,
  };
}

// Every option that a configuration could set is set here, and the ones that only change a header
// are not: headers are ours.
const DIFF = [
  "diff",
  "--no-index",
  "--no-color",
  "--no-ext-diff",
  "--no-textconv",
  "--text",
  "--unified=3",
  "--inter-hunk-context=0",
  "--diff-algorithm=histogram",
  "--indent-heuristic",
];

/**
 * `older` with this lesson's name written as the other's, in the lines where that makes them a line of
 * `newer`. Elsewhere a name stays: `lesson 02` in the text of lesson 03 may well mean lesson 02.
 */
function renamedLines(older: string, newer: string, before: Lesson, after: Lesson): string {
  const newerLines = new Set(newer.split("\n"));
  const ownNumber = new RegExp(`(lesson[-_ ]?)${before.number}\\b`, "gi");
  return older
    .split("\n")
    .map((line) => {
      if (newerLines.has(line)) return line;
      const renamed = line
        .replaceAll(before.folder, after.folder)
        .replace(ownNumber, (_, word: string) => `${word}${after.number}`);
      return newerLines.has(renamed) ? renamed : line;
    })
    .join("\n");
}
