import type { Reporter, TestModule, TestSpecification } from "vitest/node";
import { BaseSequencer, startVitest } from "vitest/node";

type ProjectConfig = { test: { name: string } };

export type VitestRun = {
  /** The files that ran, in the order of their paths, whatever ran first. */
  modules: TestModule[];
  /** What no test caught. */
  uncaught: Error[];
};

export type RunOptions = {
  root: string;
  /** The first one starts first; each runs its slowest files of the last time first, or else its largest. */
  projects: ProjectConfig[];
  /** Called with the name of each project and its files when the last of them has ended. */
  onProjectEnd?: (name: string, modules: TestModule[]) => void;
};

// They wait for processes and for Postgres more than they compute.
const WORKERS = 4;

/** Runs the tests of all projects as one queue, so that no worker waits while there is a file left. */
export async function runVitest({
  root,
  projects,
  onProjectEnd = () => {},
}: RunOptions): Promise<VitestRun> {
  const names = projects.map(({ test }) => test.name);
  const vitest = await startVitest("test", [], {
    root,
    config: false,
    watch: false,
    projects,
    maxWorkers: WORKERS,
    sequence: { sequencer: inOrderOf(names) },
    // What is expected to fail is no news, and the caller reports the rest.
    reporters: [whenProjectsEnd(onProjectEnd)],
    silent: true,
    passWithNoTests: true,
  });
  const modules = vitest.state
    .getTestModules()
    .sort((a, b) => (a.moduleId < b.moduleId ? -1 : a.moduleId > b.moduleId ? 1 : 0));
  const uncaught = vitest.state.getUnhandledErrors() as Error[];
  await vitest.close();
  // A failed test is this function's result, not that of the process.
  process.exitCode = undefined;
  return { modules, uncaught };
}

/** A worker goes on only with files of the project it has loaded; so the projects run one after the other. */
function inOrderOf(names: string[]) {
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      const sorted = await super.sort(files);
      const place = ({ project }: TestSpecification) => names.indexOf(project.name);
      return sorted.sort((a, b) => place(a) - place(b));
    }
  };
}

function whenProjectsEnd(onProjectEnd: NonNullable<RunOptions["onProjectEnd"]>): Reporter {
  const left = new Map<string, number>();
  const ended: TestModule[] = [];
  return {
    onTestRunStart(files) {
      for (const { project } of files) left.set(project.name, (left.get(project.name) ?? 0) + 1);
    },
    onTestModuleEnd(module) {
      const { name } = module.project;
      ended.push(module);
      left.set(name, (left.get(name) ?? 0) - 1);
      if (left.get(name) === 0) {
        onProjectEnd(
          name,
          ended.filter(({ project }) => project.name === name),
        );
      }
    },
  };
}
