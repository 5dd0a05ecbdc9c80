import path from "node:path";
import { fileURLToPath } from "node:url";
import type { TestCase, TestModule } from "vitest/node";
import { MUST_PASS_MS } from "./poll-limit.ts";
import { PGTYPED } from "./prebuild.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Column } from "./test-columns.ts";

/** One test that ran with `#engine` pointed at a lesson. */
export type Run = {
  /** The folder of the lesson it belongs to: `02-simple-queue`. */
  madeIn: string;
  /** A proof shows a guarantee; the other tests are of the engine's parts. */
  isProof: boolean;
  /** Its file, from `lessons/` on, with `/`. */
  file: string;
  /** The title, or that of the `describe` whose case it is. */
  guarantee: string;
  /** The title of the test itself. */
  title: string;
  outcome: "passed" | "failed by assertion" | "failed otherwise";
  /** The first line of what it failed with. */
  message: string;
  /** For a test that crashes at many points: each point, and whether the result was as it must be. */
  crashPoints?: Record<string, boolean>;
};

/** Returns the Vitest project that runs a column's files with `#engine` and the schema of its lesson. */
export function projectOf(
  { lesson, files }: Column,
  root: string,
  { built, scratch }: Omit<Surroundings, "remove">,
) {
  const engine = path.join(lesson.path, "engine");
  return {
    root,
    resolve: {
      alias: [
        { find: /^#engine$/, replacement: path.join(engine, "index.ts") },
        { find: /^#engine\/(.*)$/, replacement: path.join(engine, "$1") },
        ...(built?.pgtyped ? [{ find: PGTYPED, replacement: built.pgtyped }] : []),
      ],
    },
    test: {
      name: lesson.number,
      include: files,
      // A process runs file after file and loads each module once: to start one for each file and load
      // Vitest and the engine would cost more than the tests of most files do.
      isolate: false,
      setupFiles: [SHORT_POLLS],
      expect: { requireAssertions: true, poll: { timeout: MUST_PASS_MS } },
      testTimeout: 300_000,
      hookTimeout: 120_000,
      env: {
        LESSON_UNDER_TEST: lesson.path,
        SCRATCH_DATABASE: scratch,
        ...(built && { BUILT_FOLDER: built.folder }),
      },
      server: { deps: { external: built?.pgtyped ? [built.pgtyped] : [] } },
    },
  };
}

const SHORT_POLLS = fileURLToPath(new URL("short-polls.ts", import.meta.url));

/** Returns the runs of each column's tests, by the number of its lesson. */
export function runsOf(columns: Column[], modules: TestModule[], root: string): Map<string, Run[]> {
  return new Map(
    columns.map(({ lesson: { number } }) => [
      number,
      modules
        .filter(({ project }) => project.name === number)
        .flatMap((module) => runsOfFile(module, root)),
    ]),
  );
}

function runsOfFile(module: TestModule, root: string): Run[] {
  const place = path.relative(path.join(root, "lessons"), module.moduleId).split(path.sep);
  const [madeIn = "", kind] = place;
  const common = { madeIn, isProof: kind === "proofs", file: place.join("/") };
  const tests = [...module.children.allTests()];
  const broken = module.errors().map((error) => ({
    ...common,
    guarantee: path.basename(module.moduleId),
    title: path.basename(module.moduleId),
    outcome: "failed otherwise" as const,
    message: firstLine(error),
  }));
  return [...broken, ...tests.map((test) => ({ ...common, ...runOf(test) }))];
}

function runOf(test: TestCase): Omit<Run, "madeIn" | "isProof" | "file"> {
  const guarantee = test.parent.type === "suite" ? test.parent.name : test.name;
  const { state, errors = [] } = test.result();
  const [error] = errors;
  return {
    guarantee,
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
