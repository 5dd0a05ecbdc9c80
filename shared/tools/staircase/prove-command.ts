import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { UserError } from "../../runtime/user-error.ts";
import { findLesson, findLessons, repositoryRoot } from "../lessons/lessons.ts";

type Options = { all?: boolean; check?: boolean };

/** `pnpm lesson prove`: runs the proofs and prints the matrix. */
export function proveCommand(root: string = repositoryRoot): Command {
  return new Command("prove")
    .description(
      "run each proof on the lessons where it must pass and on the one where it must fail, and print the results",
    )
    .argument("[lesson]", "only the guarantees that this lesson makes")
    .option("--all", "on every later lesson, not only the newest; writes lessons/GUARANTEES.md")
    .option("--check", "with --all: write nothing; fail if lessons/GUARANTEES.md differs")
    .addHelpText(
      "after",
      `
A proof must pass on the lesson that makes its guarantee and on every later one,
and fail on an assertion on the lesson before. The other tests of a lesson run
with its proofs. --all writes nothing if a result is not as it must be, or if
only one lesson is asked for.

Examples:
  pnpm lesson prove
  pnpm lesson prove 02
  pnpm lesson prove --all
  pnpm lesson prove --all --check`,
    )
    .action((given: string | undefined, options: Options) => prove(root, given, options));
}

async function prove(root: string, given: string | undefined, options: Options): Promise<void> {
  const { all = false, check = false } = options;
  if (check && (!all || given !== undefined)) {
    throw new UserError(
      "--check compares all of lessons/GUARANTEES.md; use it as `pnpm lesson prove --all --check`",
    );
  }
  const madeIn = given === undefined ? undefined : findLesson(given, findLessons(root));
  // Vitest takes a moment to load, and the other commands do without it.
  const { climb, judge } = await import("./index.ts");
  const { summaryText } = await import("./matrix-text.ts");
  const started = performance.now();
  const staircase = await climb({
    root,
    madeIn,
    all,
    onLesson: (number) => console.log(`lesson ${number} is done (${secondsSince(started)} s)`),
  });
  if (staircase.rows.length === 0) throw new UserError("No proof was found.");
  console.log(`\n${summaryText(staircase)}`);

  const { held, problems } = judge(staircase);
  if (all && !madeIn) {
    const { guaranteesText } = await import("./guarantees.ts");
    const document = path.join(root, "lessons/GUARANTEES.md");
    const text = guaranteesText(staircase);
    if (check && !isSame(document, text)) {
      problems.push(
        "lessons/GUARANTEES.md differs from this matrix; run `pnpm lesson prove --all`",
      );
    }
    if (!check && problems.length === 0) writeFileSync(document, text);
  }
  if (problems.length > 0) console.log(`\n${problems.join("\n")}`);
  console.log(`\n${held} passed, ${problems.length} failed`);
  if (problems.length > 0) process.exitCode = 1;
}

/** Whether a file has this text, however this checkout ends its lines. */
function isSame(file: string, text: string): boolean {
  return existsSync(file) && readFileSync(file, "utf8").replaceAll("\r\n", "\n") === text;
}

function secondsSince(started: number): string {
  return ((performance.now() - started) / 1_000).toFixed(0);
}
