import { Command } from "commander";
import { columns } from "../../runtime/console/columns.ts";
import { UserError } from "../../runtime/user-error.ts";
import { colours, print } from "../cli/output.ts";
import { isGenerated } from "./files.ts";
import { findLesson, findLessons, type Lesson, lessonBefore, repositoryRoot } from "./lessons.ts";
import { isAcross, whyOpen } from "./rewritten.ts";

type Options = { part?: string; stat?: boolean; all?: boolean };

/** A section of the output with its own heading: a part or a file. */
type Section = { title: string; text: string };

/** `pnpm lesson diff 04 05`: the changes from one lesson to another, part by part. */
export function diffCommand(root: string = repositoryRoot, rewrittenUpTo?: string): Command {
  return new Command("diff")
    .description("show the changes between two lessons; for consecutive lessons, part by part")
    .argument("<from>", "a lesson's number")
    .argument("<to>", "another lesson's number, earlier or later")
    .option("--part <number>", "show only this part (consecutive lessons only)")
    .option("--stat", "show only the number of changed lines per part or file")
    .option("--all", "compare file by file, including each lesson's own story, proofs and tests")
    .addHelpText(
      "after",
      "\nExamples:\n  pnpm lesson diff 02 03\n  pnpm lesson diff 02 03 --part 1\n  pnpm lesson diff 02 07 --stat",
    )
    .action(async (from: string, to: string, options: Options) => {
      const lessons = findLessons(root);
      const before = findLesson(from, lessons);
      const after = findLesson(to, lessons);
      const hasParts = lessonBefore(after, lessons) === before && !options.all;
      const isOpen = hasParts && isAcross(before.number, after.number, rewrittenUpTo);
      const inParts = hasParts && !isOpen;
      if (isOpen) console.error(`${whyOpen(after.number, before.number)}: its parts are open.`);
      if (options.part && !inParts) {
        throw new UserError(
          "Only the diff of a lesson and the one before has parts; remove --part.",
        );
      }
      const sections = inParts
        ? await partsOf(before, after, options.part)
        : await filesOf(before, after, options.all ?? false);
      if (sections.length === 0)
        return print(`${before.folder} and ${after.folder} do not differ.`);
      const c = colours();
      print(`${c.red(`--- ${before.folder}`)}\n${c.green(`+++ ${after.folder}`)}\n`);
      print(
        options.stat
          ? stat(sections, inParts ? "part" : "file")
          : sections.map(coloured).join("\n\n"),
      );
    });
}

async function partsOf(before: Lesson, after: Lesson, only?: string): Promise<Section[]> {
  // Imported here because the TypeScript compiler is slow to load.
  const { readParts } = await import("./parts.ts");
  const { parts, problems } = readParts(before, after);
  for (const problem of problems) console.error(problem);
  if (only === undefined) return parts;
  const part = parts[Number(only) - 1];
  if (part) return [part];
  const titles = parts.map(({ title }) => `\n  ${title}`).join("");
  throw new UserError(`Lesson ${after.number} has no part ${only}; its parts are:${titles}`);
}

async function filesOf(before: Lesson, after: Lesson, all: boolean): Promise<Section[]> {
  const { changesBetween } = await import("./file-changes.ts");
  const { hunksOf, titleOf } = await import("./hunks.ts");
  const isWanted = (file: string) =>
    !isGenerated(file) && !file.endsWith(".md") && (all || !isOwn(file));
  return changesBetween(before, after, isWanted).map((change) => ({
    title: titleOf(change, true),
    text: ["```diff", ...hunksOf(change.lines, titleOf(change, true)), "```"].join("\n"),
  }));
}

// The next lesson does not inherit these files; it has its own.
function isOwn(file: string): boolean {
  return /^(package\.json$|(story|proofs|tests|exercises)\/)/.test(file);
}

/** Returns the section's alternating prose and diffs, without the fences. */
function piecesOf({ text }: Section): string[] {
  return text.trimEnd().split(/^```.*\n?/m);
}

function coloured(section: Section): string {
  const { bold, green, red, cyan } = colours();
  const line = (text: string) =>
    (text.startsWith("+") ? green : text.startsWith("-") ? red : cyan)(text);
  return piecesOf(section)
    .map((piece, index) =>
      index % 2 === 0
        ? piece.replace(/^## (.*)/m, (_, title: string) => bold(title))
        : piece.replace(/^[-+@].*/gm, line),
    )
    .join("")
    .trimEnd();
}

function stat(sections: Section[], what: string): string {
  const c = colours();
  const rows = sections.map((section) => {
    const lines = piecesOf(section)
      .filter((_, index) => index % 2 === 1)
      .join("");
    const count = (sign: RegExp) => lines.match(sign)?.length ?? 0;
    return { title: section.title, insertions: count(/^\+/gm), deletions: count(/^-/gm) };
  });
  const total = {
    title: `total (${rows.length} ${what}${rows.length === 1 ? "" : "s"})`,
    insertions: rows.reduce((sum, { insertions }) => sum + insertions, 0),
    deletions: rows.reduce((sum, { deletions }) => sum + deletions, 0),
  };
  const lines = columns(
    [...rows, total].map(({ title, insertions, deletions }) => [
      title,
      c.green(`+${insertions}`),
      c.red(`-${deletions}`),
    ]),
    { right: [1, 2] },
  );
  return [...lines.slice(0, -1), c.bold(lines.at(-1) ?? "")].join("\n");
}
