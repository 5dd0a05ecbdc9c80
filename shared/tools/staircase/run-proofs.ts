import path from "node:path";
import type { Reporter, TestCase, TestModule, TestProject, TestSpecification } from "vitest/node";
import { BaseSequencer, startVitest } from "vitest/node";
import type { Lesson } from "../lessons/lessons.ts";
import { type Built, PGTYPED } from "./prebuild.ts";

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

/** The test files that have to hold on a lesson, and those that have to fail on it, as globs relative to the root. */
export type Column = { lesson: Lesson; mustHold: string[]; mustFail: string[] };

/**
 * Runs the files of each column with `#engine` and the schema of its lesson; calls `onLesson` when those of all
 * lessons before it have run. Returns the runs by the number of the lesson, and what no test caught.
 */
export async function runAll(
  columns: Column[],
  surroundings: Surroundings,
  onLesson: (lesson: Lesson) => void = () => {},
): Promise<{ runs: Map<string, Run[]>; uncaught: Run[] }> {
  const { root } = surroundings;
  const vitest = await startVitest("test", [], {
    root,
    config: false,
    watch: false,
    projects: columns.flatMap(({ lesson, mustHold, mustFail }) => [
      // What has to come to pass may take its time on a busy machine. What must not would take all of it.
      projectOf(lesson, { name: "holds", include: mustHold, pollMs: 50_000 }, surroundings),
      projectOf(lesson, { name: "fails", include: mustFail, pollMs: 5_000 }, surroundings),
    ]),
    // They wait for processes and for Postgres more than they compute.
    maxWorkers: 3,
    sequence: { sequencer: LessonByLesson },
    // What is expected to fail is no news, and what is not is told by the caller.
    reporters: [progress(columns, onLesson)],
    silent: true,
    passWithNoTests: true,
  });
  // The answer is in the order of the files, whatever ran first.
  const modules = vitest.state
    .getTestModules()
    .sort((a, b) => (a.moduleId < b.moduleId ? -1 : a.moduleId > b.moduleId ? 1 : 0));
  const runs = new Map(
    columns.map(({ lesson }) => [
      lesson.number,
      modules
        .filter(({ project }) => numberOf(project) === lesson.number)
        .flatMap((module) => runsOf(module, root)),
    ]),
  );
  const uncaught = (vitest.state.getUnhandledErrors() as Error[]).map(nobodysRun);
  await vitest.close();
  // A failure is this function's answer, not that of the process.
  process.exitCode = undefined;
  return { runs, uncaught };
}

function projectOf(
  lesson: Lesson,
  { name, include, pollMs }: { name: string; include: string[]; pollMs: number },
  { root, built, scratch }: Surroundings,
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
      name: `${lesson.number} ${name}`,
      include,
      // A process runs file after file and loads each module once: to start one for each file and load
      // Vitest and the engine would cost more than the tests of most files do.
      isolate: false,
      expect: { requireAssertions: true, poll: { timeout: pollMs } },
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

/** The number of the lesson that a project runs on. */
function numberOf({ name }: { name: string }): string {
  return name.split(" ")[0] as string;
}

/**
 * One lesson after the other, and of each the slowest files of the last time first. A process can go on with files of
 * its project only, and while the last ones of a lesson run, the others have begun with the next.
 */
class LessonByLesson extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => a.project.name.localeCompare(b.project.name));
  }
}

function progress(columns: Column[], onLesson: (lesson: Lesson) => void): Reporter {
  const left = new Map<string, number>();
  const waiting = columns.map(({ lesson }) => lesson);
  const count = (project: TestProject, more: number) => {
    const lesson = numberOf(project);
    left.set(lesson, (left.get(lesson) ?? 0) + more);
  };
  const tell = () => {
    // The first of those that wait is told of as soon as nothing is left of the one before.
    for (let last = columns.length - waiting.length - 1; waiting.length > 0; last += 1) {
      const before = columns[last]?.lesson.number;
      if (before !== undefined && (left.get(before) ?? 0) > 0) return;
      onLesson(waiting.shift() as Lesson);
    }
  };
  return {
    onTestRunStart(files) {
      for (const { project } of files) count(project, 1);
      tell();
    },
    onTestModuleEnd({ project }) {
      count(project, -1);
      tell();
    },
  };
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
function nobodysRun(error: Error): Run {
  return {
    madeIn: "",
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
