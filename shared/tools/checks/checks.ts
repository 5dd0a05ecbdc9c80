import { startVitest } from "vitest/node";
import { report } from "../docs/report.ts";
import { updateDocs } from "../docs/update.ts";
import { checkChanges } from "../lessons/changes-command.ts";
import { repositoryRoot } from "../lessons/lessons.ts";
import { climb } from "../staircase/index.ts";
import { matrixLines, progressLine, summaryText } from "../staircase/matrix-text.ts";
import { typegen } from "../typegen/index.ts";
import { runProgram } from "./run-program.ts";

export type Verdict = {
  /** How many things are as they must be. */
  held: number;
  /** What is not, a text for each. */
  problems: string[];
};

export type Check = { name: string; run(): Promise<Verdict> };

/** Everything that must hold, the quickest to tell first; the documents show what the staircase printed. */
export const checks: Check[] = [
  { name: "types", run: () => runProgram("typescript/bin/tsc", ["-p", "."]) },
  { name: "lint and format", run: () => runProgram("@biomejs/biome/bin/biome", ["check"]) },
  { name: "sql/queries.ts made from queries.sql", run: generatedTypes },
  { name: "every change in one part", run: changes },
  { name: "unit tests and worked answers", run: unitTests },
  { name: "the staircase of proofs", run: staircase },
  { name: "documents in step", run: documents },
];

// What commands have printed here already, and a document shows: the staircase takes minutes.
const printed = new Map<string, string>();

async function generatedTypes(): Promise<Verdict> {
  const results = await typegen({ check: true });
  return {
    held: results.filter(({ inStep }) => inStep).length,
    problems: results
      .filter(({ inStep }) => !inStep)
      .map(({ lesson }) => `${lesson.folder}/sql/queries.ts is out of step; run pnpm typegen`),
  };
}

async function changes(): Promise<Verdict> {
  const { parts, problems, stale } = await checkChanges();
  const outOfStep = stale.map(({ file }) => `${file} is out of step; run pnpm lesson changes`);
  return { held: parts, problems: [...problems, ...outOfStep] };
}

async function documents(): Promise<Verdict> {
  const result = await updateDocs({ check: true, known: printed });
  const wrong = result.problems.length + result.stale.length;
  if (wrong === 0) return { held: result.blocks, problems: [] };
  // The report is one text; the count has to tell each.
  const rest = Array.from(
    { length: wrong - 1 },
    (_, index) => `(see above, ${index + 2} of ${wrong})`,
  );
  return { held: result.blocks - result.stale.length, problems: [report(result, true), ...rest] };
}

async function unitTests(): Promise<Verdict> {
  const vitest = await startVitest("test", [], {
    root: repositoryRoot,
    watch: false,
    include: ["shared/**/*.test.ts", "lessons/*/exercises/**/*.test.ts"],
    exclude: ["**/node_modules/**", "shared/tools/staircase/fixture/**"],
    // They wait as much as they compute, and to load Vitest would cost more than most files do.
    maxWorkers: 2,
    isolate: false,
    // On a busy machine a test that starts other programs takes its time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    setupFiles: ["shared/tools/checks/leave-nothing.ts"],
    reporters: [{}],
    expect: { requireAssertions: true, poll: { timeout: 50_000 } },
  });
  const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()]);
  const broken = [
    ...vitest.state.getTestModules().flatMap((module) => module.errors()),
    ...(vitest.state.getUnhandledErrors() as Error[]),
  ];
  await vitest.close();
  process.exitCode = undefined;
  return {
    held: tests.filter((test) => test.result().state === "passed").length,
    problems: [
      ...broken.map((error) => error.stack ?? error.message),
      ...tests
        .filter((test) => test.result().state === "failed" || test.result().state === "pending")
        .map((test) => {
          const [error] = test.result().errors ?? [];
          return `${test.module.relativeModuleId}: ${test.fullName}\n${ownLines(error?.stack) ?? test.result().state}`;
        }),
    ],
  };
}

async function staircase(): Promise<Verdict> {
  const progress: string[] = [];
  const { lessons, rows, tests } = await climb({
    onLesson: (lesson) => progress.push(progressLine(lesson)),
  });
  console.log(matrixLines(lessons, rows).join("\n"));
  printed.set("pnpm lesson prove", [...progress, summaryText(lessons, rows)].join("\n"));
  const cells = rows.flatMap((row) => row.cells);
  const wrongTests = tests.filter(({ run }) => run.outcome !== "passed");
  return {
    held: cells.filter(({ asItMust }) => asItMust).length + tests.length - wrongTests.length,
    problems: [
      ...cells.filter(({ asItMust }) => !asItMust).map(({ problems }) => problems.join("\n")),
      ...wrongTests.map(
        ({ on, run }) => `"${run.title}" must hold on lesson ${on}: ${run.message}`,
      ),
    ],
  };
}

/** A stack without the lines of the test runner. */
function ownLines(stack: string | undefined): string | undefined {
  return stack
    ?.split("\n")
    .filter((line) => !line.includes("node_modules"))
    .join("\n");
}
