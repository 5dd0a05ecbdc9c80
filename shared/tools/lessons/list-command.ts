import { Command } from "commander";
import { columns } from "../../runtime/console/columns.ts";
import { colours, print } from "../cli/output.ts";
import { findLessons, repositoryRoot } from "./lessons.ts";

/** `pnpm lesson list`: every lesson, its claim and how to run it. */
export function listCommand(root: string = repositoryRoot): Command {
  return new Command("list")
    .description("list the lessons, with the idea of each and the command that runs it")
    .addHelpText("after", "\nExample:\n  pnpm lesson list")
    .action(async () => {
      // Imported here because the Markdown parser is slow to load, and no other command needs it.
      const { summarize } = await import("./summary.ts");
      const summaries = findLessons(root).map(summarize);
      if (summaries.length === 0) return print(`There are no lessons in ${root} yet.`);
      const c = colours();
      const lines = columns(
        summaries.map(({ number, title, run }) => [c.cyan(number), c.bold(title), c.dim(run)]),
      );
      const claims = summaries.map(({ claim }) => (claim ? `\n    ${claim}` : ""));
      print(lines.map((line, index) => line + claims[index]).join("\n\n"));
    });
}
