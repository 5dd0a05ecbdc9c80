import type { Random } from "../testing/random.ts";

/** The behaviour of a regular task. Its output is the `id`. */
export type Work = {
  id: number;
  ms: number;
  /** How many of its attempts fail. */
  failures: number;
  /** How it misbehaves in its first attempt. */
  mischief: "hangs" | "ignores its signal" | "kills its worker" | null;
};

/** The behaviour of a durable task, as data: a seed generates it, and the output can be checked against it. */
export type Plan =
  | ({ kind: "step" } & Work)
  | { kind: "transfer"; id: number; from: number; to: number; amount: number }
  | { kind: "work"; task: WorkName; work: Work; key: string | null }
  | { kind: "plan"; task: PlanName; plan: Plan; key: string | null }
  | { kind: "sequence" | "all" | "allSettled" | "race"; parts: Plan[] }
  | { kind: "try"; body: Plan };

export const WORK_NAMES = ["work", "hurried work", "work once"] as const;
export const PLAN_NAMES = ["plan", "hurried plan", "plan once"] as const;

export type WorkName = (typeof WORK_NAMES)[number] | "unknown work";
export type PlanName = (typeof PLAN_NAMES)[number];

/** The limit of each concurrency key. */
export const LIMITS = { one: 1, two: 2, five: 5 };

export const ACCOUNTS = 8;
export const FIRST_BALANCE = 1_000;

/** Exceeds the maximum number of attempts of every task. */
const ALL_FAIL = 1_000;

/** Generates plans and work. Each call in them has a unique id. */
export function planner({ below, among, chance }: Random) {
  let ids = 0;

  function work(): Work {
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
    const kind = among(["step", "step", "transfer", "work", "work", "plan"] as const);
    if (kind === "work") return { kind, task: workName(), work: work(), key: key() };
    if (kind === "plan" && depth > 0) {
      return { kind, task: planName(), plan: plan(depth - 1), key: key() };
    }
    if (kind !== "transfer") return { kind: "step", ...work() };
    ids += 1;
    const from = below(ACCOUNTS);
    const to = (from + 1 + below(ACCOUNTS - 1)) % ACCOUNTS;
    return { kind, id: ids, from, to, amount: 1 + below(9) };
  }

  const key = () => (chance(0.2) ? among(Object.keys(LIMITS)) : null);
  const planName = () => among(PLAN_NAMES);
  const workName = (): WorkName => (chance(0.02) ? "unknown work" : among(WORK_NAMES));
  return { work, plan, key, planName, workName };
}

/** Returns true if a plan can have this output: each value must be the output of the call at the same place. */
export function mayBecome(plan: Plan, output: unknown): boolean {
  switch (plan.kind) {
    case "step":
      return output === plan.id && plan.failures < ALL_FAIL;
    case "transfer":
      return output === plan.id;
    case "work":
      return output === plan.work.id && plan.work.failures < ALL_FAIL;
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

/** Replaces the output of a call that failed. */
export const CAUGHT = "caught";

function isList(output: unknown, parts: Plan[]): output is unknown[] {
  return Array.isArray(output) && output.length === parts.length;
}
