import { Command } from "commander";

/** `pnpm lesson docs`: fills the code and transcripts of the documents, and checks their links. */
export function docsCommand(): Command {
  return new Command("docs")
    .description(
      "update the code and transcripts in the documents from their sources, and check links",
    )
    .argument(
      "[lessons...]",
      'numbers of lessons, or "readme" for the root README. Default: every Markdown file',
    )
    .option("--check", "change nothing; fail and show the difference if a document is out of date")
    .option("--no-transcripts", "skip the blocks that show what a command prints")
    .action(async (lessons: string[], options: { check?: boolean; transcripts: boolean }) => {
      // Imported here because the TypeScript compiler is slow to load, and no other command needs it.
      const { updateDocs } = await import("./update.ts");
      const { report } = await import("./report.ts");
      const check = options.check ?? false;
      const result = await updateDocs({ check, lessons, transcripts: options.transcripts });
      console.log(report(result, check));
      if (result.problems.length > 0 || (check && result.stale.length > 0)) process.exitCode = 1;
    });
}
