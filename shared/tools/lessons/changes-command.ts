import { writeFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { UserError } from "../../runtime/user-error.ts";
import { print } from "../cli/output.ts";
import { readText } from "./files.ts";
import { findLessons, lessonBefore, repositoryRoot } from "./lessons.ts";
import { isAcross, whyOpen } from "./rewritten.ts";

export type ChangesReport = {
  /** The number of parts of all lessons together. */
  parts: number;
  /** The errors that an author must fix. */
  problems: string[];
  /** Each `CHANGES.md` whose blocks do not match their sources, with the text that it must have. */
  stale: { file: string; text: string }[];
  /** Why the parts of a lesson were left out. */
  open: string[];
};

const HELP = `
A lesson's CHANGES.md describes its difference from the lesson before, part by part:

  ## Part 1 · Slots                      you write the heading and the text
  \`\`\`diff engine/worker.ts#Worker.tick    the command fills the block

A block names a symbol, several symbols ("#Worker.tick,Worker.stop"), or a file: all of its
lines that no other block names more precisely. "#Worker" is the class except the methods
that other blocks name. If a symbol changes in two parts, one of them names a word in the
changed lines: "sql/schema.sql#tasks.fence". Imports belong to the file's first block.
A renamed file is "engine/new.ts from engine/old.ts". Without a CHANGES.md, a draft is written.

Examples:
  pnpm lesson changes
  pnpm lesson changes --check`;

/** `pnpm lesson changes`: fills the blocks of each lesson's `CHANGES.md`, or checks them. */
export function changesCommand(root: string = repositoryRoot, rewrittenUpTo?: string): Command {
  return new Command("changes")
    .description("update each lesson's CHANGES.md: its difference from the lesson before, in parts")
    .option("--check", "change nothing; fail if a CHANGES.md is not up to date")
    .addHelpText("after", HELP)
    .action(async ({ check = false }: { check?: boolean }) => {
      const { parts, stale, open, ...report } = await checkChanges(root, rewrittenUpTo);
      for (const reason of open) print(reason);
      for (const { file, text } of stale) {
        if (!check) writeFileSync(path.join(root, file), text);
        print(check ? `${file} is not up to date; run pnpm lesson changes` : `wrote ${file}`);
      }
      const isWritten = !check && stale.length > 0;
      // The new text has moved the lines that the problems refer to.
      const { problems } = isWritten ? await checkChanges(root, rewrittenUpTo) : report;
      if (problems.length > 0) throw new UserError(problems.join("\n"));
      if (check && stale.length > 0) throw new UserError("run pnpm lesson changes");
      if (stale.length === 0) print(`Every changed line is in one of ${parts} parts.`);
    });
}

/** Compares every lesson's `CHANGES.md` with its engine and SQL. Changes nothing. */
export async function checkChanges(
  root: string = repositoryRoot,
  rewrittenUpTo?: string,
): Promise<ChangesReport> {
  // Imported here because the TypeScript compiler is slow to load.
  const { readParts } = await import("./parts.ts");
  const report: ChangesReport = { parts: 0, problems: [], stale: [], open: [] };
  const lessons = findLessons(root);
  for (const lesson of lessons) {
    const before = lessonBefore(lesson, lessons);
    if (!before) continue;
    if (isAcross(before.number, lesson.number, rewrittenUpTo)) {
      const why = whyOpen(lesson.number, before.number);
      report.open.push(`${why}: its parts are open, and its CHANGES.md is left as it is.`);
      continue;
    }
    const { text, parts, problems } = readParts(before, lesson);
    report.parts += parts.length;
    report.problems.push(...problems);
    if (readText(lesson, "CHANGES.md") === text) continue;
    report.stale.push({ file: `lessons/${lesson.folder}/CHANGES.md`, text });
  }
  return report;
}
