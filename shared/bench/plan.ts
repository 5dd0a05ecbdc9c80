import { UserError } from "../runtime/user-error.ts";
import type { Configuration, Contestant } from "./contestants.ts";
import { shuffled } from "./shuffle.ts";
import { type Workload, workloads } from "./workloads.ts";

export type Choice = {
  rounds: number;
  seed: number;
  /** Few tasks, the best configurations only, and of the lessons the last ones only. */
  quick: boolean;
  /** Names of workloads; all if left out. */
  only?: string[];
  /** Names of contestants, as a reader types them; all if left out. */
  contestants?: string[];
};

export type Run = {
  round: number;
  workload: Workload;
  contestant: Contestant;
  configuration: Configuration;
};

/**
 * All runs, in their order: the rounds one after the other, so that whatever slows the machine down for a while slows
 * all contestants, and in each the contestants in another order, which the seed decides.
 */
export function planOf(all: readonly Contestant[], choice: Choice): Run[] {
  const contestants = chosen(choice.contestants, all, "contestant", (name) => slug(name));
  const wanted = chosen(choice.only, workloads, "workload", (name) => name);
  return Array.from({ length: choice.rounds }, (_, index) => index + 1).flatMap((round) =>
    wanted.flatMap((workload, place) => {
      const runs = contestants
        .filter((contestant) => contestant.leftOut === undefined)
        .filter(({ notInQuick }) => !(notInQuick && choice.quick) || choice.contestants)
        .filter((contestant) => contestant.workloads.includes(workload.name))
        .flatMap((contestant) =>
          contestant.configurations
            .filter(({ name }) => name === "best" || (workload.withDefaults && !choice.quick))
            .map((configuration) => ({ round, workload, contestant, configuration })),
        );
      return shuffled(runs, choice.seed + 1_000 * round + place);
    }),
  );
}

/** `Lesson 07`, `lesson-07` and `lesson07` are the same. */
export function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

function chosen<T extends { name: string }>(
  names: string[] | undefined,
  all: readonly T[],
  what: string,
  normal: (name: string) => string,
): readonly T[] {
  if (names === undefined) return all;
  for (const name of names) {
    if (all.some((each) => normal(each.name) === normal(name))) continue;
    const known = all.map((each) => each.name).join(", ");
    throw new UserError(`There is no ${what} "${name}"; there are: ${known}.`);
  }
  const wanted = names.map(normal);
  return all.filter(({ name }) => wanted.includes(normal(name)));
}
