import { Command } from "commander";
import { colours, print } from "../cli/output.ts";
import { findLessons, repositoryRoot } from "./lessons.ts";
import type { LessonSummary } from "./summary.ts";

/** `pnpm lesson list`: every lesson, what it claims and how to run it. */
export function listCommand(root: string = repositoryRoot): Command {
  return new Command("list")
    .description("list the lessons: what each claims, and how to run it")
    .addHelpText("after", "\nExample:\n  pnpm lesson list")
    .action(async () => {
      // Loaded here: the Markdown parser is slow to load, and no other command needs it.
      const { summarize } = await import("./summary.ts");
      const summaries = findLessons(root).map(summarize);
      if (summaries.length === 0) return print(`There are no lessons in ${root} yet.`);
      const titleWidth = Math.max(...summaries.map(({ title }) => title.length));
      print(summaries.map((summary) => render(summary, titleWidth)).join("\n\n"));
    });
}

function render({ number, title, claim, run }: LessonSummary, titleWidth: number): string {
  const c = colours();
  const first = `${c.cyan(number)}  ${c.bold(title.padEnd(titleWidth))}  ${c.dim(run)}`;
  return claim ? `${first}\n    ${claim}` : first;
}
