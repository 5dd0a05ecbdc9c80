import { setTimeout as pause } from "node:timers/promises";
import type {
  DurableContext,
  Engine,
  StepInfo,
  TaskContext,
  TaskDefinition,
} from "../commands/engine.ts";
import type { ReservedSql } from "../runtime/database/index.ts";
import type { Ledger } from "../runtime/processes/index.ts";
import { CAUGHT, type Plan, type PlanName, type Work, type WorkName } from "./soak-plan.ts";

type Regular = Record<WorkName, TaskDefinition<Work, number>>;
type Plans = Record<PlanName, TaskDefinition<Plan, unknown>>;

/** The context and tasks with which a plan is executed. */
type Means = { ledger: Ledger; regular: Regular; plans: Plans; context: DurableContext };

const OFTEN = { maxAttempts: 10, backoffMs: 50, maxBackoffMs: 400 };

/** Returns the tasks of the soak. They record their runs and effects in the ledger, outside of the engine. */
export function soakTasks(engine: Engine, ledger: Ledger) {
  const regular = regularTasks(engine, ledger);
  const plans = planTasks(engine, ledger, regular);
  const { "unknown work": _, ...others } = regular;
  return { regular, plans, known: [...Object.values(others), ...Object.values(plans)] };
}

function regularTasks(engine: Engine, ledger: Ledger): Regular {
  const run = async (work: Work, { taskId, attempt, signal }: TaskContext) => {
    ledger.write(`handler ${taskId} ${attempt}`);
    return doWork(work, attempt, attempt, signal);
  };
  const regular = (name: WorkName, options: Partial<TaskDefinition<Work, number>> = {}) =>
    engine.task({ ...options, name, run });
  return {
    work: regular("work", { retry: OFTEN }),
    "hurried work": regular("hurried work", { retry: OFTEN, timeoutMs: 400 }),
    "work once": regular("work once"),
    "unknown work": regular("unknown work"),
  };
}

function planTasks(engine: Engine, ledger: Ledger, regular: Regular): Plans {
  const run = async (plan: Plan, context: DurableContext) => {
    ledger.write(`handler ${context.taskId} ${context.attempt}`);
    return follow(plan, { ledger, regular, plans, context });
  };
  const durable = (name: PlanName, options: Partial<TaskDefinition<Plan, unknown>> = {}) =>
    engine.durableTask({ ...options, name, run });
  const plans: Plans = {
    plan: durable("plan", { retry: OFTEN }),
    "hurried plan": durable("hurried plan", { retry: OFTEN, timeoutMs: 1_000 }),
    "plan once": durable("plan once"),
  };
  return plans;
}

async function follow(plan: Plan, means: Means): Promise<unknown> {
  const { regular, plans, context } = means;
  const followPart = (part: Plan) => follow(part, means);
  switch (plan.kind) {
    case "step":
      return context.step("step", (step) => doStep(plan, means, step), {
        input: plan.id,
        ...(plan.failures === 1 && { retry: { maxAttempts: 2, backoffMs: 20 } }),
      });
    case "transfer":
      return context.transaction("transfer", (tx, { idempotencyKey }) =>
        transfer(tx, plan, idempotencyKey),
      );
    case "work":
      return context.run(regular[plan.task], plan.work, keyed(plan.key));
    case "plan":
      return context.run(plans[plan.task], plan.plan, keyed(plan.key));
    case "sequence": {
      const outputs: unknown[] = [];
      for (const part of plan.parts) outputs.push(await followPart(part));
      return outputs;
    }
    case "all":
      return Promise.all(plan.parts.map(followPart));
    case "race":
      return Promise.race(plan.parts.map(followPart));
    case "allSettled": {
      const settled = await Promise.allSettled(plan.parts.map(followPart));
      return settled.map((each) => (each.status === "fulfilled" ? each.value : CAUGHT));
    }
    case "try":
      return followPart(plan.body).catch(() => CAUGHT);
  }
}

async function doStep(
  plan: Work,
  { ledger, context }: Means,
  { attempt, idempotencyKey, signal }: StepInfo,
): Promise<number> {
  ledger.write(`step ${idempotencyKey} ${attempt}`);
  return doWork(plan, attempt, Math.max(attempt, context.attempt), signal);
}

async function doWork(work: Work, attempt: number, execution: number, signal: AbortSignal) {
  const { id, ms, failures, mischief } = execution === 1 ? work : { ...work, mischief: null };
  if (mischief === "kills its worker") process.kill(process.pid, "SIGKILL");
  if (mischief === "ignores its signal") await pause(1_200);
  await pause(mischief === "hangs" ? 2_500 : ms, undefined, { signal });
  if (attempt <= failures) throw new Error("This attempt fails, as planned");
  return id;
}

async function transfer(
  tx: ReservedSql,
  { id, from, to, amount }: Extract<Plan, { kind: "transfer" }>,
  idempotencyKey: string,
): Promise<number> {
  // The accounts are not locked in a fixed order, so some transfers deadlock, and Postgres aborts one of the two.
  await tx`update soak.accounts set balance = balance - ${amount} where id = ${from}`;
  await tx`update soak.accounts set balance = balance + ${amount} where id = ${to}`;
  await tx`
    insert into soak.transfers (call, from_account, to_account, amount)
    values (${idempotencyKey}, ${from}, ${to}, ${amount})`;
  return id;
}

function keyed(concurrencyKey: string | null): { concurrencyKey?: string } {
  return concurrencyKey === null ? {} : { concurrencyKey };
}
