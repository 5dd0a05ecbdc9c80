import { Command } from "commander";
import { colours, print } from "../cli/output.ts";
import { diffLessons, type FileDiff } from "./file-diff.ts";
import { isGenerated } from "./files.ts";
import { findLesson, findLessons, type Lesson, repositoryRoot } from "./lessons.ts";

export type DiffDisplay = { stat?: boolean; all?: boolean };

/** `pnpm lesson diff 04 05`: what it takes to get from one lesson to another, engine and SQL first. */
export function diffCommand(root: string = repositoryRoot): Command {
  return new Command("diff")
    .description("show what changes from one lesson to another, engine and SQL first")
    .argument("<from>", "a lesson's number")
    .argument("<to>", "another lesson's number, earlier or later")
    .option("--stat", "only count the lines, file by file")
    .option("--all", "also what each lesson has of its own: story, proofs, tests, exercises")
    .addHelpText("after", "\nExamples:\n  pnpm lesson diff 04 05\n  pnpm lesson diff 02 07 --stat")
    .action((from: string, to: string, options: DiffDisplay) => {
      const lessons = findLessons(root);
      const before = findLesson(from, lessons);
      const after = findLesson(to, lessons);
      print(renderDiff(before, after, options));
    });
}

/** What `pnpm lesson diff` prints, in the colours that the standard output takes. */
export function renderDiff(before: Lesson, after: Lesson, options: DiffDisplay = {}): string {
  const c = colours();
  const only = (file: string) => isShown(file) && (options.all || !isOwn(file));
  const diffs = diffLessons(before, after, { only, ignoreOwnName: true });
  if (diffs.length === 0) return `${before.folder} and ${after.folder} do not differ.`;
  const names = `${c.red(`--- ${before.folder}`)}\n${c.green(`+++ ${after.folder}`)}`;
  return `${names}\n\n${options.stat ? renderStat(diffs) : diffs.map(renderFile).join("\n\n")}`;
}

// The next lesson does not take these over, it writes its own.
function isOwn(file: string): boolean {
  return /^(package\.json$|(story|proofs|tests|exercises)\/)/.test(file);
}

function isShown(file: string): boolean {
  return !isGenerated(file) && file !== "README.md";
}

function renderFile({ file, kind, hunks }: FileDiff): string {
  const c = colours();
  const heading = c.bold(kind === "changed" ? file : `${file} (${kind})`);
  return [heading, ...hunks.trimEnd().split("\n").filter(Boolean).map(renderLine)].join("\n");
}

function renderLine(line: string): string {
  const c = colours();
  if (line.startsWith("+")) return c.green(line);
  if (line.startsWith("-")) return c.red(line);
  const hunk = /^(@@ .*? @@)(.*)$/.exec(line);
  return hunk ? `${c.cyan(hunk[1])}${c.dim(hunk[2])}` : line;
}

function renderStat(diffs: FileDiff[]): string {
  const c = colours();
  const total = {
    file: `total (${diffs.length} ${diffs.length === 1 ? "file" : "files"})`,
    insertions: sum(diffs.map(({ insertions }) => insertions)),
    deletions: sum(diffs.map(({ deletions }) => deletions)),
  };
  const rows = [...diffs, total];
  const fileWidth = Math.max(...rows.map(({ file }) => file.length));
  const countWidth = Math.max(...rows.map((row) => `+${row.insertions}`.length), 2);
  const deletionsWidth = Math.max(...rows.map((row) => `-${row.deletions}`.length), 2);
  const lines = rows.map(({ file, insertions, deletions }) => {
    const plus = `+${insertions}`.padStart(countWidth);
    const minus = `-${deletions}`.padStart(deletionsWidth);
    return `${file.padEnd(fileWidth)}  ${c.green(plus)}  ${c.red(minus)}`;
  });
  return [...lines.slice(0, -1), c.bold(lines.at(-1) ?? "")].join("\n");
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
