import { existsSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { colours, print } from "../cli/output.ts";
import { readText } from "./files.ts";
import { findLessons, type Lesson, repositoryRoot } from "./lessons.ts";

export type LessonSummary = {
  number: string;
  /** From the README's heading, without the number; the folder's name if there is no README yet. */
  title: string;
  /** The first sentence under the heading; empty if there is none. */
  claim: string;
  /** The command that runs it. */
  run: string;
};

/** `pnpm lesson list`: every lesson, what it claims and how to run it. */
export function listCommand(root: string = repositoryRoot): Command {
  return new Command("list")
    .description("list the lessons: what each claims, and how to run it")
    .addHelpText("after", "\nExample:\n  pnpm lesson list")
    .action(() => {
      const summaries = findLessons(root).map(summarize);
      if (summaries.length === 0) return print(`There are no lessons in ${root} yet.`);
      const titleWidth = Math.max(...summaries.map(({ title }) => title.length));
      print(summaries.map((summary) => render(summary, titleWidth)).join("\n\n"));
    });
}

/** What a lesson's README says of it. */
export function summarize(lesson: Lesson): LessonSummary {
  const readme = existsSync(path.join(lesson.path, "README.md"))
    ? readText(lesson, "README.md")
    : "";
  const [, heading = "", body = ""] = /^# +(.+)\n([\s\S]*)/m.exec(`${readme}\n`) ?? [];
  return {
    number: lesson.number,
    title: plain(heading).replace(/^\d\d\s*[·:.–-]\s*/, "") || lesson.folder,
    claim: claimIn(body),
    run: `pnpm --filter lesson-${lesson.number} start`,
  };
}

function claimIn(body: string): string {
  const [introduction = ""] = body.split(/^#/m);
  const paragraphs = introduction.split(/\n\s*\n/);
  // A line of links to the lessons before and after may stand above the claim.
  const claim = paragraphs.find((text) => /\p{L}/u.test(text.replace(LINK, ""))) ?? "";
  const [sentence] = /^.*?[.!?](?=\s|$)/.exec(plain(claim)) ?? [];
  return sentence ?? plain(claim);
}

const LINK = /\[([^\]]*)\]\([^)]*\)/g;

/** Markdown as one line of text. */
function plain(markdown: string): string {
  return markdown
    .replace(LINK, "$1")
    .replace(/^> ?/gm, "")
    .replace(/\*\*|[`*]|(?<!\w)_|_(?!\w)/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

function render({ number, title, claim, run }: LessonSummary, titleWidth: number): string {
  const c = colours();
  const first = `${c.cyan(number)}  ${c.bold(title.padEnd(titleWidth))}  ${c.dim(run)}`;
  return claim ? `${first}\n    ${claim}` : first;
}
