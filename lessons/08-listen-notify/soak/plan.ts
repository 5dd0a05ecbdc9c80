import type { Random } from "./random.ts";

/** What a regular task is to do. Its output is the `id`. */
export type Job = {
  id: number;
  ms: number;
  /** How many of its attempts fail. */
  failures: number;
  /** What it does besides, at its first attempt. */
  mischief: "hangs" | "ignores its signal" | "kills its worker" | null;
};

/** What a durable task is to do, as data, so that a seed can make it up and what comes of it can be checked. */
export type Plan =
  | ({ kind: "step" } & Job)
  | { kind: "transfer"; id: number; from: number; to: number; amount: number }
  | { kind: "job"; task: JobName; job: Job; key: string | null }
  | { kind: "plan"; task: PlanName; plan: Plan; key: string | null }
  | { kind: "sequence" | "all" | "allSettled" | "race"; parts: Plan[] }
  | { kind: "try"; body: Plan };

export const JOB_NAMES = ["work", "hurried work", "work once", "impatient work"] as const;
export const PLAN_NAMES = ["plan", "hurried plan", "plan once"] as const;

export type JobName = (typeof JOB_NAMES)[number] | "work nobody knows";
export type PlanName = (typeof PLAN_NAMES)[number];

/** How many tasks of a key may be running at once. */
export const LIMITS = { one: 1, two: 2, five: 5 };

export const ACCOUNTS = 8;
export const FIRST_BALANCE = 1_000;

/** More than any task has attempts. */
const ALL_FAIL = 1_000;

/** Makes up plans and jobs; no two calls of all that it makes have the same id. */
export function planner({ below, among, chance }: Random) {
  let ids = 0;

  function job(): Job {
    ids += 1;
    return {
      id: ids,
      ms: chance(0.1) ? below(300) : below(20),
      failures: among([0, 0, 0, 0, 0, 0, 0, 1, 1, 2, ALL_FAIL]),
      mischief: chance(0.04)
        ? among(["hangs", "ignores its signal", "kills its worker"] as const)
        : null,
    };
  }

  function plan(depth = 3): Plan {
    if (depth === 0 || chance(0.2)) return call(depth);
    const kind = among(["sequence", "sequence", "all", "allSettled", "race", "try"] as const);
    if (kind === "try") return { kind, body: plan(depth - 1) };
    return { kind, parts: Array.from({ length: 1 + below(4) }, () => plan(depth - 1)) };
  }

  function call(depth: number): Plan {
    const kind = among(["step", "step", "transfer", "job", "job", "plan"] as const);
    if (kind === "job") return { kind, task: jobName(), job: job(), key: key() };
    if (kind === "plan" && depth > 0) {
      return { kind, task: planName(), plan: plan(depth - 1), key: key() };
    }
    if (kind !== "transfer") return { kind: "step", ...job() };
    ids += 1;
    const from = below(ACCOUNTS);
    const to = (from + 1 + below(ACCOUNTS - 1)) % ACCOUNTS;
    return { kind, id: ids, from, to, amount: 1 + below(9) };
  }

  const key = () => (chance(0.2) ? among(Object.keys(LIMITS)) : null);
  const planName = () => among(PLAN_NAMES);
  const jobName = (): JobName => (chance(0.02) ? "work nobody knows" : among(JOB_NAMES));
  return { job, plan, key, planName, jobName };
}

/** Whether a plan may come to this output: each value has to come from the call in whose place it stands. */
export function mayBecome(plan: Plan, output: unknown): boolean {
  switch (plan.kind) {
    case "step":
      return output === plan.id && plan.failures < ALL_FAIL;
    case "transfer":
      return output === plan.id;
    case "job":
      return output === plan.job.id && plan.job.failures < ALL_FAIL;
    case "plan":
      return mayBecome(plan.plan, output);
    case "race":
      return plan.parts.some((part) => mayBecome(part, output));
    case "try":
      return output === CAUGHT || mayBecome(plan.body, output);
    case "sequence":
    case "all":
      return (
        isList(output, plan.parts) && plan.parts.every((part, i) => mayBecome(part, output[i]))
      );
    case "allSettled":
      return (
        isList(output, plan.parts) &&
        plan.parts.every((part, i) => output[i] === CAUGHT || mayBecome(part, output[i]))
      );
  }
}

/** Stands in an output in the place of what has failed. */
export const CAUGHT = "caught";

function isList(output: unknown, parts: Plan[]): output is unknown[] {
  return Array.isArray(output) && output.length === parts.length;
}
