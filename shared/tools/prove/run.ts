import path from "node:path";
import type { TestCase, TestModule } from "vitest/node";
import { startVitest } from "vitest/node";
import type { Lesson } from "../lessons.ts";
import { type Built, PGTYPED } from "./build.ts";

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
  /** Of a test that crashes at many places: each place, and whether what must came of it. */
  crashPoints?: Record<string, boolean>;
};

/** What all lessons are run with. */
export type Surroundings = {
  root: string;
  built: Built | undefined;
  /** The URL of the database in which each test has a schema of its own. */
  scratch: string;
};

/** Runs test files with `#engine` and the schema of `lesson`; `include` is relative to `root`. */
export async function runOn(
  lesson: Lesson,
  include: string[],
  { root, built, scratch }: Surroundings,
): Promise<Run[]> {
  const engine = path.join(lesson.path, "engine");
  const vitest = await startVitest(
    "test",
    [],
    {
      root,
      config: false,
      watch: false,
      // They wait for processes and for Postgres more than they compute.
      maxWorkers: 3,
      // A process runs file after file and loads each module once: to start one for each file and load
      // Vitest and the engine would cost more than the tests of most files do.
      isolate: false,
      include,
      // What is expected to fail is no news, and what is not is told by the caller.
      reporters: [{}],
      silent: true,
      expect: { requireAssertions: true },
      passWithNoTests: true,
      testTimeout: 120_000,
      hookTimeout: 120_000,
      env: {
        LESSON_UNDER_TEST: lesson.path,
        SCRATCH_DATABASE: scratch,
        ...(built && { BUILT_FOLDER: built.folder }),
      },
      server: { deps: { external: built?.pgtyped ? [built.pgtyped] : [] } },
    },
    {
      resolve: {
        alias: [
          { find: /^#engine$/, replacement: path.join(engine, "index.ts") },
          { find: /^#engine\/(.*)$/, replacement: path.join(engine, "$1") },
          ...(built?.pgtyped ? [{ find: PGTYPED, replacement: built.pgtyped }] : []),
        ],
      },
    },
  );
  // Vitest runs the slowest of the last time first; the answer is in the order of the files.
  const modules = vitest.state
    .getTestModules()
    .sort((a, b) => (a.moduleId < b.moduleId ? -1 : a.moduleId > b.moduleId ? 1 : 0));
  const unhandled = vitest.state.getUnhandledErrors() as Error[];
  const runs = [
    ...modules.flatMap((module) => runsOf(module, root)),
    ...unhandled.map((error) => nobodysRun(lesson, error)),
  ];
  await vitest.close();
  // A failure is this function's answer, not that of the process.
  process.exitCode = undefined;
  return runs;
}

function runsOf(module: TestModule, root: string): Run[] {
  const [madeIn = "", kind] = path
    .relative(path.join(root, "lessons"), module.moduleId)
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

/** An error that no test caught is nobody's, and must not be lost. */
function nobodysRun(lesson: Lesson, error: Error): Run {
  return {
    madeIn: lesson.folder,
    isProof: false,
    promise: "no test left an error behind",
    title: "no test left an error behind",
    outcome: "failed otherwise",
    message: firstLine(error),
  };
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
    ...crashPointsOf(test),
  };
}

function crashPointsOf(test: TestCase): Pick<Run, "crashPoints"> {
  const { crashPoints } = test.meta() as Pick<Run, "crashPoints">;
  return crashPoints ? { crashPoints } : {};
}

function firstLine(error: { name?: string | undefined; message: string }): string {
  return `${error.name ?? "Error"}: ${error.message.split("\n")[0]}`;
}
