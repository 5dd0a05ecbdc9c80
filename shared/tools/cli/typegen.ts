import { Command } from "commander";
import { reportAndFail } from "../../runtime/user-error.ts";
import { typegen } from "../typegen/index.ts";

const program = new Command("pnpm typegen")
  .description(
    "generate every lesson's sql/queries.ts from its sql/queries.sql, on a throw-away server",
  )
  .option("--check", "write nothing; fail if a file is out of date")
  .addHelpText("after", "\nExamples:\n  pnpm typegen\n  pnpm typegen --check")
  .action(async ({ check = false }: { check?: boolean }) => {
    const results = await typegen({ check });
    for (const { lesson, inStep } of results) {
      const state = inStep ? "up to date" : check ? "out of date with queries.sql" : "written";
      console.log(`${lesson.folder}/sql/queries.ts  ${state}`);
    }
    if (check && results.some(({ inStep }) => !inStep)) {
      console.error("Run `pnpm typegen` to generate them again.");
      process.exitCode = 1;
    }
  });

await program.parseAsync().catch(reportAndFail);
