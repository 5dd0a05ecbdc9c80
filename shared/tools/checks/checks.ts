import { problemsOf, report } from "../docs/report.ts";
import { updateDocs } from "../docs/update.ts";
import { checkChanges } from "../lessons/changes-command.ts";
import type { Surroundings } from "../staircase/surroundings.ts";
import { typegen } from "../typegen/index.ts";
import { runProgram } from "./run-tool.ts";
import { runTests } from "./tests.ts";

export type Verdict = {
  /** How many things are as they must be. */
  held: number;
  /** What is not, a text for each. */
  problems: string[];
};

export type Check = { name: string; run(): Promise<Verdict> };

/**
 * Returns everything that must hold, as rows that run side by side; the checks of a row run one after the other. The
 * tests wait as much as they compute, and the stories do little else than wait.
 */
export function checkRows(surroundings: Surroundings): Check[][] {
  const { unit, staircase } = runTests(surroundings);
  return [
    [
      { name: "lint and format", run: () => runProgram("@biomejs/biome/bin/biome", ["check"]) },
      { name: "types", run: () => runProgram("typescript/bin/tsc", TYPES) },
      { name: "sql/queries.ts made from queries.sql", run: generatedTypes },
      { name: "every change in one part", run: changes },
      { name: "documents in step", run: () => documents(staircase) },
    ],
    [{ name: "unit tests", run: () => unit }],
    [{ name: "proofs, tests and worked answers", run: () => staircase }],
  ];
}

// What has not changed since the last time is not checked again; a fresh clone checks all of it.
const TYPES = ["-p", ".", "--incremental", "--tsBuildInfoFile", "node_modules/.cache/tsc.json"];

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

/** Beside the tests, a story may be slower than its leases allow; documents that are out of date are checked again later. */
async function documents(testsEnd: Promise<unknown>): Promise<Verdict> {
  let result = await updateDocs({ check: true });
  if (problemsOf(result).length > 0) {
    await testsEnd.catch(() => {});
    console.log(`${report(result, true)}\nThe tests have ended; the documents are checked again.`);
    result = await updateDocs({ check: true });
  }
  return { held: result.blocks - result.stale.length, problems: problemsOf(result) };
}
