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

/** Returns the tasks of the soak. They record in the ledger what they do outside of the engine. */
export function soakTasks(engine: Engine, ledger: Ledger) {
  const often = { maxAttempts: 10, backoffMs: 50, maxBackoffMs: 400 };
  const run = async (work: Work, { taskId, attempt, signal }: TaskContext) => {
    ledger.write(`handler ${taskId} ${attempt}`);
    return doWork(work, attempt, attempt, signal);
  };
  const work = (name: WorkName, options: Partial<TaskDefinition<Work, number>> = {}) =>
    engine.task({ ...options, name, run });
  const regular: Record<WorkName, TaskDefinition<Work, number>> = {
    work: work("work", { retry: often }),
    "hurried work": work("hurried work", { retry: often, timeoutMs: 400 }),
    "work once": work("work once"),
    "impatient work": work("impatient work", { retry: often, startTimeoutMs: 1_500 }),
    "work nobody knows": work("work nobody knows", { startTimeoutMs: 600 }),
  };

  const follow = async (plan: Plan, context: DurableContext) => {
    ledger.write(`handler ${context.taskId} ${context.attempt}`);
    return followPlan(plan, context);
  };
  const durable = (name: PlanName, options: Partial<TaskDefinition<Plan, unknown>> = {}) =>
    engine.durableTask({ ...options, name, run: follow });
  const plans: Record<PlanName, TaskDefinition<Plan, unknown>> = {
    plan: durable("plan", { retry: often }),
    "hurried plan": durable("hurried plan", { retry: often, timeoutMs: 1_000 }),
    "plan once": durable("plan once"),
  };

  async function followPlan(plan: Plan, context: DurableContext): Promise<unknown> {
    const follow = (part: Plan) => followPlan(part, context);
    switch (plan.kind) {
      case "step":
        return context.step("step", (step) => doStep(plan, context, step), {
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
        for (const part of plan.parts) outputs.push(await follow(part));
        return outputs;
      }
      case "all":
        return Promise.all(plan.parts.map(follow));
      case "race":
        return Promise.race(plan.parts.map(follow));
      case "allSettled": {
        const settled = await Promise.allSettled(plan.parts.map(follow));
        return settled.map((each) => (each.status === "fulfilled" ? each.value : CAUGHT));
      }
      case "try":
        return follow(plan.body).catch(() => CAUGHT);
    }
  }

  async function doStep(
    plan: Work,
    context: DurableContext,
    { attempt, idempotencyKey, signal }: StepInfo,
  ): Promise<number> {
    ledger.write(`step ${idempotencyKey} ${attempt}`);
    return doWork(plan, attempt, Math.max(attempt, context.attempt), signal);
  }

  return {
    regular,
    plans,
    known: [...Object.values(regular).slice(0, -1), ...Object.values(plans)],
  };
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
  // Not in the order of the accounts, so some transfers end in a deadlock, and Postgres aborts one of the two.
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
