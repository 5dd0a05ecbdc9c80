import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { UserError } from "../../runtime/user-error.ts";
import { print } from "../cli/output.ts";
import { git } from "../lessons/git.ts";
import { findLesson, findLessons, type Lesson, repositoryRoot } from "../lessons/lessons.ts";
import { isAcross, whyOpen } from "../lessons/rewritten.ts";
import { type Carried, carry } from "./carry.ts";
import { type WorkTree, withWorkTree } from "./work-tree.ts";

/** `pnpm lesson propagate 03`: carries an uncommitted fix in lesson 03 through all later lessons. */
export function propagateCommand(root: string = repositoryRoot, rewrittenUpTo?: string): Command {
  return new Command("propagate")
    .description("carry an uncommitted fix in a lesson through all later lessons")
    .argument("<lesson>", "the number of the lesson that holds the fix")
    .option(
      "--abort",
      "put the later lessons back to the last commit; their changes go to git stash",
    )
    .addHelpText(
      "after",
      `
The fix is what differs from the last commit, staged or not. Each later lesson gets it from the one
before by a three-way merge. At a conflict the command stops; resolve it in that lesson, and then
propagate that lesson.

Examples:
  pnpm lesson propagate 03
  pnpm lesson propagate 03 --abort`,
    )
    .action((given: string, options: { abort?: boolean }) => {
      const run = options.abort ? abortPropagation : propagate;
      print(run(given, root, rewrittenUpTo));
    });
}

/** Returns what was carried where; throws a `UserError` if there is no fix, or if a lesson needs the reader. */
export function propagate(
  given: string,
  root: string = repositoryRoot,
  rewrittenUpTo?: string,
): string {
  const { fixed, later, open } = findFixed(given, root, rewrittenUpTo);
  return withWorkTree(root, (tree) => {
    requireResolvedFix(root, changedFiles(tree, fixed), fixed);
    const uncommitted = later.flatMap((lesson) => changedFiles(tree, lesson));
    refuseUncommittedWork(uncommitted, fixed);
    const report = [...open];
    let from = fixed;
    for (const to of later) {
      const carried = carry(tree, from, to);
      report.push(...carried.map((file) => lineOf(file, to)));
      if (carried.some(({ how }) => how === "conflict" || how === "not carried")) {
        report.push("", ...whatToDo(fixed, to, later.at(-1) === to));
        throw new UserError(report.join("\n"));
      }
      from = to;
    }
    return [...report, "", THEN].join("\n");
  });
}

/** Puts the lessons after the given one back to the last commit; their changes go to git stash. */
export function abortPropagation(
  given: string,
  root: string = repositoryRoot,
  rewrittenUpTo?: string,
): string {
  const { fixed, later } = findFixed(given, root, rewrittenUpTo);
  const files = withWorkTree(root, (tree) => later.flatMap((lesson) => changedFiles(tree, lesson)));
  if (files.length === 0) {
    throw new UserError(
      `There is nothing to abort: no lesson after ${fixed.number} has an uncommitted change.`,
    );
  }
  const message = `--message=lesson propagate ${fixed.number} --abort`;
  git(root, ["stash", "push", "--include-untracked", message, "--", ...files]);
  return `The lessons after ${fixed.number} are as in the last commit; git stash has their changes. The fix in lesson ${fixed.number} is still there.`;
}

const THEN = `Then run pnpm typegen, pnpm lesson changes, pnpm lesson docs and pnpm test,
and commit all lessons together.`;

/** Returns the lesson with the fix, those that need it, and why no more do, if the fix ends at `rewrittenUpTo`. */
function findFixed(
  given: string,
  root: string,
  rewrittenUpTo?: string,
): { fixed: Lesson; later: Lesson[]; open: string[] } {
  const lessons = findLessons(root);
  const fixed = findLesson(given, lessons);
  const after = lessons.filter(({ number }) => number > fixed.number);
  const later = after.filter(({ number }) => !isAcross(fixed.number, number, rewrittenUpTo));
  const last = later.at(-1) ?? fixed;
  const next = after[later.length];
  const open = next
    ? [`${whyOpen(next.number, last.number)}: the fix is carried up to lesson ${last.number}.`]
    : [];
  if (later.length > 0) return { fixed, later, open };
  if (next) throw new UserError(`${whyOpen(next.number, last.number)}: no lesson needs the fix.`);
  throw new UserError(`Lesson ${fixed.number} is the last; no later lesson needs its fix.`);
}

/** The changed files of a lesson, from the root. */
function changedFiles(tree: WorkTree, lesson: Lesson): string[] {
  return [...tree.changes(lesson).keys()].map((file) => `lessons/${lesson.folder}/${file}`);
}

/** Throws a `UserError` if a lesson has no change to carry, or one with conflict markers. */
function requireResolvedFix(root: string, files: string[], { number, folder }: Lesson): void {
  if (files.length === 0) {
    throw new UserError(
      `Lesson ${number} has no uncommitted change that could travel; make the fix in lessons/${folder} and leave it uncommitted.`,
    );
  }
  const unresolved = files.filter((file) => {
    const full = path.join(root, file);
    return existsSync(full) && /^(?:<{7}|>{7}) /m.test(readFileSync(full, "utf8"));
  });
  if (unresolved.length === 0) return;
  throw new UserError(
    `Conflict markers are left in ${unresolved.join(", ")}; resolve the conflicts, then run pnpm lesson propagate ${number} again.`,
  );
}

/** Throws a `UserError` if the later lessons have changes of their own. */
function refuseUncommittedWork(files: string[], { number }: Lesson): void {
  if (files.length === 0) return;
  throw new UserError(
    [
      `The lessons after ${number} have uncommitted changes, which would mix with the fix; nothing was changed:`,
      ...files.map((file) => `  ${file}`),
      "Commit or stash them. If an earlier run left them, put these lessons back to the last commit with",
      `  pnpm lesson propagate ${number} --abort`,
    ].join("\n"),
  );
}

function lineOf({ file, how, why }: Carried, { number }: Lesson): string {
  return `lesson ${number}  ${how.padEnd(11)}  ${file}${why ? `: ${why}` : ""}`;
}

function whatToDo(fixed: Lesson, { number }: Lesson, isLast: boolean): string[] {
  return [
    `Stopped in lesson ${number}. Resolve its conflicts (ours: lesson ${number}, theirs: the fix), and make the`,
    "fix by hand where it was not carried but is needed.",
    isLast
      ? THEN
      : `Then run pnpm lesson propagate ${number}, which carries on from lesson ${number}.`,
    `To put all lessons after ${fixed.number} back to the last commit: pnpm lesson propagate ${fixed.number} --abort.`,
  ];
}
