import path from "node:path";
import { isGenerated } from "../lessons/files.ts";
import { git, inScratchFolder } from "../lessons/git.ts";
import type { Lesson } from "../lessons/lessons.ts";

/** One uncommitted change of a lesson; paths are relative to the lesson's folder. */
export type Change = {
  /** Where the file is in the last commit; undefined if the file is new. */
  from: string | undefined;
  /** Where it is now; undefined if it was deleted. */
  to: string | undefined;
};

/** A change's name in what we print: `engine/worker.ts`, or `engine/a.ts → engine/b.ts`. */
export function labelOf({ from, to }: Change): string {
  return from !== undefined && to !== undefined && from !== to
    ? `${from} → ${to}`
    : (to ?? from ?? "");
}

/** Whether every lesson has such a file; others, as proofs, belong to the lesson that wrote them. */
export function isInEveryLesson(file: string): boolean {
  return file.startsWith("engine/") || file.startsWith("sql/") || file === "main.ts";
}

/** Whether a fix to this file travels at all. */
export function travels(file: string): boolean {
  return !isGenerated(file) && !STAYS.includes(file);
}

// Each lesson's own: its text, its name, and the way from the lesson before.
const STAYS = ["README.md", "package.json", "sql/upgrade.sql"];

/** What differs from the commit `head` in a lesson, untracked files included, ignored ones not. */
export function uncommittedChanges(root: string, head: string, lesson: Lesson): Change[] {
  const folder = `lessons/${lesson.folder}`;
  const own = (file: string | undefined) => (file ?? "").slice(folder.length + 1);
  const fields = inScratchFolder((scratch) => {
    // git finds renames only between a commit and an index. This one is ours: the reader's own index,
    // with what they have staged, stays as it is.
    const options = { env: { GIT_INDEX_FILE: path.join(scratch, "index") } };
    git(root, [...PLAIN, "read-tree", head], options);
    git(root, [...PLAIN, "add", "--all", "--", folder], options);
    return git(root, [...PLAIN, ...DIFF, head, "--", folder, ...exclusions(folder)], options)
      .toString()
      .split("\0");
  });

  const changes: Change[] = [];
  for (let i = 0; fields[i]; ) {
    const status = fields[i++] ?? "";
    const file = own(fields[i++]);
    if (status.startsWith("R")) changes.push({ from: file, to: own(fields[i++]) });
    else if (status === "A") changes.push({ from: undefined, to: file });
    else if (status === "D") changes.push({ from: file, to: undefined });
    else changes.push({ from: file, to: file });
  }
  return changes.filter(({ from, to }) => travels(from ?? "") && travels(to ?? ""));
}

/**
 * Takes a deletion and a new file as the rename that the fix made of them. In a later lesson the two
 * files may differ too much for git to see it.
 */
export function pairRenames(changes: Change[], renames: Change[]): Change[] {
  const gone = (file?: string) => changes.some(({ from, to }) => from === file && !to);
  const added = (file?: string) => changes.some(({ from, to }) => !from && to === file);
  const pairs = renames.filter(({ from, to }) => from !== to && gone(from) && added(to));
  const rest = changes.filter((change) => !pairs.some(({ from, to }) => isHalf(change, from, to)));
  return [...rest, ...pairs];
}

function isHalf(change: Change, from: string | undefined, to: string | undefined): boolean {
  return (change.from === from && !change.to) || (!change.from && change.to === to);
}

/** The file in the commit `head`; undefined if it is not there. */
export function committed(
  root: string,
  head: string,
  lesson: Lesson,
  file: string,
): Buffer | undefined {
  const name = `lessons/${lesson.folder}/${file}`;
  const [entry] = git(root, ["ls-tree", "-z", head, "--", name]).toString().split("\0");
  const blob = entry?.split(/\s/)[2];
  return blob ? git(root, ["cat-file", "blob", blob]) : undefined;
}

const PLAIN = [
  "-c",
  "core.safecrlf=false",
  "-c",
  "core.splitIndex=false",
  "-c",
  "core.fsmonitor=false",
];

const DIFF = [
  "diff",
  "--cached",
  "--relative",
  "--name-status",
  "-z",
  "--no-ext-diff",
  "--no-color",
  "--ignore-submodules",
  "--find-renames",
];

function exclusions(folder: string): string[] {
  return [...STAYS, "CHANGES.diff", "sql/queries.ts"].map((file) => `:(exclude)${folder}/${file}`);
}
