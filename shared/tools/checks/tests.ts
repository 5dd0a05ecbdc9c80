import { fileURLToPath } from "node:url";
import type { TestModule } from "vitest/node";
import { findLessons, repositoryRoot } from "../lessons/lessons.ts";
import { judge, newestFirst, staircaseOf } from "../staircase/index.ts";
import { runVitest } from "../staircase/run-vitest.ts";
import { projectOf } from "../staircase/runs.ts";
import type { Surroundings } from "../staircase/surroundings.ts";
import { columnsOf } from "../staircase/test-columns.ts";
import type { Verdict } from "./checks.ts";

/** Runs the unit tests of `shared/` and the tests of the lessons in one queue; returns a verdict on each of the two. */
export function runTests(surroundings: Surroundings): {
  unit: Promise<Verdict>;
  staircase: Promise<Verdict>;
} {
  const lessons = findLessons();
  const columns = columnsOf(lessons, {});
  const [newest, ...older] = newestFirst(columns).map((column) =>
    projectOf(column, repositoryRoot, surroundings),
  );
  let unitEnded: (modules: TestModule[]) => void = () => {};
  const unit = new Promise<TestModule[]>((resolve) => {
    unitEnded = resolve;
  });
  const run = runVitest({
    root: repositoryRoot,
    projects: [...(newest ? [newest] : []), unitProject(surroundings), ...older],
    onProjectEnd: (name, modules) => {
      if (name === UNIT) unitEnded(modules);
    },
  });
  return {
    // The run ends first if Vitest breaks down, or if there is no unit test.
    unit: Promise.race([unit, run.then(() => [])]).then(verdictOn),
    staircase: run.then((result) => judge(staircaseOf(lessons, columns, result))),
  };
}

const UNIT = "unit";

function unitProject({ server, scratch }: Surroundings) {
  return {
    root: repositoryRoot,
    test: {
      name: UNIT,
      include: ["shared/**/*.test.ts"],
      // Some of the fixture's tests are meant to fail.
      exclude: ["**/node_modules/**", "shared/tools/staircase/fixture/**"],
      // Loading Vitest would cost more than most files do.
      isolate: false,
      setupFiles: [fileURLToPath(new URL("leave-nothing.ts", import.meta.url))],
      expect: { requireAssertions: true, poll: { timeout: 50_000 } },
      // On a busy machine a test that starts other programs takes its time.
      testTimeout: 180_000,
      hookTimeout: 180_000,
      env: { DATABASE_URL: server, SCRATCH_DATABASE: scratch },
    },
  };
}

function verdictOn(modules: TestModule[]): Verdict {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const failed = tests.filter((test) => ["failed", "pending"].includes(test.result().state));
  return {
    held: tests.filter((test) => test.result().state === "passed").length,
    problems: [
      ...modules.flatMap((module) => module.errors().map(({ stack, message }) => stack ?? message)),
      ...failed.map((test) => {
        const [error] = test.result().errors ?? [];
        return `${test.module.relativeModuleId}: ${test.fullName}\n${ownLines(error?.stack) ?? test.result().state}`;
      }),
    ],
  };
}

/** Returns a stack without the lines of the test runner. */
function ownLines(stack: string | undefined): string | undefined {
  return stack
    ?.split("\n")
    .filter((line) => !line.includes("node_modules"))
    .join("\n");
}
