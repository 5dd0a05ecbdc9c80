import { UserError } from "../runtime/user-error.ts";
import type { Configuration, Contestant } from "./contestants.ts";
import { shuffled } from "./shuffle.ts";
import { type Workload, workloads } from "./workloads.ts";

export type Choice = {
  rounds: number;
  seed: number;
  /** Whether to measure few tasks, only the best configurations and only the last lesson. */
  quick: boolean;
  /** Names of workloads. Default: all. */
  only?: string[];
  /** Names of contestants, in any spelling that `slug` accepts. Default: all. */
  contestants?: string[];
};

export type BenchRun = {
  round: number;
  workload: Workload;
  contestant: Contestant;
  configuration: Configuration;
};

/**
 * Returns all runs in their order. Each round measures every contestant once, so that a slow minute of the machine
 * affects all of them, not only one. The seed determines the order within each round and workload. Throws a `UserError`
 * for an unknown name.
 */
export function scheduleOf(all: readonly Contestant[], choice: Choice): BenchRun[] {
  const contestants = byName(choice.contestants, all, "contestant", slug);
  const chosenWorkloads = byName(choice.only, workloads, "workload", (name) => name);
  return Array.from({ length: choice.rounds }, (_, index) => index + 1).flatMap((round) =>
    chosenWorkloads.flatMap((workload, index) => {
      const runs = contestants
        .filter((contestant) => contestant.leftOut === undefined)
        .filter(({ notInQuick }) => !(notInQuick && choice.quick) || choice.contestants)
        .filter((contestant) => contestant.workloads.includes(workload.name))
        .flatMap((contestant) =>
          contestant.configurations
            .filter(({ name }) => name === "best" || (workload.withDefaults && !choice.quick))
            .map((configuration) => ({ round, workload, contestant, configuration })),
        );
      return shuffled(runs, choice.seed + 1_000 * round + index);
    }),
  );
}

/** Returns a name in lower case without punctuation: `Lesson 07`, `lesson-07` and `lesson07` are the same. */
export function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** Returns the items with the given names, or all items without names. */
function byName<T extends { name: string }>(
  names: string[] | undefined,
  all: readonly T[],
  what: string,
  normalize: (name: string) => string,
): readonly T[] {
  if (names === undefined) return all;
  for (const name of names) {
    if (all.some((each) => normalize(each.name) === normalize(name))) continue;
    const known = all.map((each) => each.name).join(", ");
    throw new UserError(`Unknown ${what} "${name}". Known: ${known}.`);
  }
  const wanted = names.map(normalize);
  return all.filter(({ name }) => wanted.includes(normalize(name)));
}
