import path from "node:path";
import type { TestCase, TestModule } from "vitest/node";
import { startVitest } from "vitest/node";
import { type Lesson, repositoryRoot } from "../lessons.ts";

/** One test that ran with `#engine` pointed at a lesson. */
export type Run = {
  /** The folder of the lesson it belongs to: `02-simple-queue`. */
  madeIn: string;
  /** A proof holds a promise; the other tests are of the engine's parts. */
  isProof: boolean;
  /** Its title, or that of the `describe` that it is a case of. */
  promise: string;
  /** Its own title. */
  title: string;
  outcome: "passed" | "failed by assertion" | "failed otherwise";
  /** The first line of what it failed with. */
  message: string;
};

/** Runs test files with `#engine` and the schema of `lesson`. */
export async function runOn(lesson: Lesson, include: string[]): Promise<Run[]> {
  const engine = path.join(lesson.path, "engine");
  const vitest = await startVitest(
    "test",
    [],
    {
      root: repositoryRoot,
      config: false,
      watch: false,
      include,
      // What is expected to fail is no news, and what is not is told by the caller.
      reporters: [{}],
      silent: true,
      passWithNoTests: true,
      testTimeout: 60_000,
      hookTimeout: 60_000,
      env: { LESSON_UNDER_TEST: lesson.path },
    },
    {
      resolve: {
        alias: [
          { find: /^#engine$/, replacement: path.join(engine, "index.ts") },
          { find: /^#engine\/(.*)$/, replacement: path.join(engine, "$1") },
        ],
      },
    },
  );
  // Vitest runs the slowest of the last time first; the answer is in the order of the files.
  const modules = vitest.state
    .getTestModules()
    .sort((a, b) => (a.moduleId < b.moduleId ? -1 : a.moduleId > b.moduleId ? 1 : 0));
  const runs = modules.flatMap((module) => runsOf(module));
  await vitest.close();
  // A failure is this function's answer, not that of the process.
  process.exitCode = undefined;
  return runs;
}

function runsOf(module: TestModule): Run[] {
  const [madeIn = "", kind] = path
    .relative(path.join(repositoryRoot, "lessons"), module.moduleId)
    .split(path.sep);
  const common = { madeIn, isProof: kind === "proofs" };
  const tests = [...module.children.allTests()];
  const broken = module.errors().map((error) => ({
    ...common,
    promise: path.basename(module.moduleId),
    title: path.basename(module.moduleId),
    outcome: "failed otherwise" as const,
    message: firstLine(error),
  }));
  return [...broken, ...tests.map((test) => ({ ...common, ...runOf(test) }))];
}

function runOf(test: TestCase): Omit<Run, "madeIn" | "isProof"> {
  const promise = test.parent.type === "suite" ? test.parent.name : test.name;
  const { state, errors = [] } = test.result();
  const [error] = errors;
  return {
    promise,
    title: test.name,
    outcome:
      state === "passed"
        ? "passed"
        : errors.length > 0 && errors.every(({ name }) => name === "AssertionError")
          ? "failed by assertion"
          : "failed otherwise",
    message: error ? firstLine(error) : state,
  };
}

function firstLine(error: { name?: string | undefined; message: string }): string {
  return `${error.name ?? "Error"}: ${error.message.split("\n")[0]}`;
}
