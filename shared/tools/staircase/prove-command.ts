import { Command } from "commander";
import { UserError } from "../../runtime/user-error.ts";
import { findLesson, findLessons, repositoryRoot } from "../lessons/lessons.ts";
import { progressLine, summaryText } from "./matrix-text.ts";

/** `pnpm lesson prove`: runs the staircase and prints the matrix. */
export function proveCommand(root: string = repositoryRoot): Command {
  return new Command("prove")
    .description("run every proof on every lesson it speaks of, and print the matrix")
    .argument("[lesson]", "only the promises that this lesson makes")
    .addHelpText(
      "after",
      `
A proof must hold on the lesson that makes its promise and on every later one,
and fail by an assertion on the lesson before.

Examples:
  pnpm lesson prove
  pnpm lesson prove 02`,
    )
    .action(async (given: string | undefined) => {
      const madeIn = given === undefined ? undefined : findLesson(given, findLessons(root));
      // Vitest takes a moment to load, and the other commands do without.
      const { climb } = await import("./index.ts");
      const staircase = await climb({
        root,
        ...(madeIn && { madeIn }),
        onLesson: (lesson) => console.log(progressLine(lesson)),
      });
      const { lessons, rows, tests } = staircase;
      console.log(summaryText(lessons, rows));

      const problems = [
        ...rows.flatMap((row) => row.cells.flatMap((cell) => cell.problems)),
        ...tests
          .filter(({ run }) => run.outcome !== "passed")
          .map(({ on, run }) => `"${run.title}" must hold on lesson ${on}: ${run.message}`),
      ];
      if (rows.length === 0) throw new UserError("No proof was found.");
      if (problems.length > 0) throw new UserError(`\n${problems.join("\n")}`);
    });
}
