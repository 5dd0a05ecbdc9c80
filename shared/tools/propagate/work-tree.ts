import { writeFileSync } from "node:fs";
import path from "node:path";
import { UserError } from "../../runtime/user-error.ts";
import { isGenerated } from "../lessons/files.ts";
import { git, inScratchFolder, tryGit } from "../lessons/git.ts";
import type { Lesson } from "../lessons/lessons.ts";

export type Change = "added" | "changed" | "deleted" | "conflict";

/** How a lesson differs from the last commit, by file: `engine/worker.ts`. */
export type Changes = Map<string, Change>;

export type WorkTree = {
  /** The changes of a lesson that travel: untracked files are among them, ignored ones are not. */
  changes(lesson: Lesson): Changes;
  /** Merges how a file of `from` differs into the same file of `to`; returns git's message if git refuses. */
  merge(file: string, from: Lesson, to: Lesson): string | undefined;
};

/** Returns what `work` returns; throws a `UserError` if there is no commit to compare with. */
export function withWorkTree<T>(root: string, work: (tree: WorkTree) => T): T {
  return inScratchFolder((scratch) => {
    // An index of our own sees untracked files and marks conflicts. The reader's index stays as it is.
    const env = { GIT_INDEX_FILE: path.join(scratch, "index") };
    const head = tryGit(root, ["read-tree", "HEAD"], { env });
    if (head.status !== 0) {
      throw new UserError(
        `${root} has no commit to compare a fix with; clone the repository with git (git says: ${head.stderr.trim()}).`,
      );
    }
    git(root, ["-c", "core.safecrlf=false", "add", "--all", "--", "lessons"], { env });

    const difference = (lesson: Lesson, form: string[], what: string) =>
      git(lesson.path, [...DIFF, ...form, "HEAD", "--", what], { env });

    return work({
      changes: (lesson) =>
        parseChanges(difference(lesson, ["--name-status", "-z"], ".").toString()),
      merge: (file, from, to) => {
        const patch = path.join(scratch, "patch");
        writeFileSync(patch, difference(from, ["--patch", "--binary", "--full-index"], file));
        const folder = git(to.path, ["rev-parse", "--show-prefix"]).toString().trim();
        // The patch names the committed file by its hash, so git merges the files instead of matching lines.
        const apply = ["apply", "--3way", "--whitespace=nowarn", `--directory=${folder}`, patch];
        const { status, stderr } = tryGit(root, apply, { env });
        return status === 0 ? undefined : stderr.trim();
      },
    });
  });
}

const DIFF = [
  "--literal-pathspecs",
  "diff-index",
  "--cached",
  "--relative",
  "--no-renames",
  "--no-ext-diff",
];

const BY_STATUS: Record<string, Change> = { A: "added", D: "deleted", U: "conflict" };

function parseChanges(nameStatus: string): Changes {
  const pairs = [...nameStatus.matchAll(/([A-Z])\0([^\0]+)\0/g)];
  return new Map(
    pairs
      .map(([, status = "", file = ""]): [string, Change] => [file, BY_STATUS[status] ?? "changed"])
      .filter(([file]) => travels(file)),
  );
}

/** A lesson's documents, its name and its upgrade from the lesson before are its own. */
function travels(file: string): boolean {
  return !isGenerated(file) && !/\.md$|^package\.json$|^sql\/upgrade\.sql$/.test(file);
}
