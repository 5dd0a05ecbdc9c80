import { setTimeout as pause } from "node:timers/promises";
import type { Ledger } from "shared/processes";
import type * as Engine from "#engine";
import type { DurableContext, TaskContext, TaskDefinition } from "#engine";
import { CAUGHT, type Job, type JobName, type Plan, type PlanName } from "./plan.ts";

/** Every task of the soak. What they do outside of the engine is in the ledger. */
export function soakTasks(engine: typeof Engine, ledger: Ledger) {
  const often = { maxAttempts: 10, backoffMs: 50, maxBackoffMs: 400 };
  const run = async (job: Job, { taskId, attempt, signal }: TaskContext) => {
    ledger.write(`handler ${taskId} ${attempt}`);
    return doJob(job, attempt, attempt, signal);
  };
  const job = (name: JobName, options: Partial<TaskDefinition<Job, number>> = {}) =>
    engine.task({ ...options, name, run });
  const jobs: Record<JobName, TaskDefinition<Job, number>> = {
    work: job("work", { retry: often }),
    "hurried work": job("hurried work", { retry: often, timeoutMs: 400 }),
    "work once": job("work once"),
    "impatient work": job("impatient work", { retry: often, startTimeoutMs: 1_500 }),
    "work nobody knows": job("work nobody knows", { startTimeoutMs: 600 }),
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
      case "job":
        return context.run(jobs[plan.task], plan.job, keyed(plan.key));
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
    plan: Job,
    context: DurableContext,
    { attempt, idempotencyKey, signal }: Engine.StepInfo,
  ): Promise<number> {
    ledger.write(`step ${idempotencyKey} ${attempt}`);
    return doJob(plan, attempt, Math.max(attempt, context.attempt), signal);
  }

  return { jobs, plans, known: [...Object.values(jobs).slice(0, -1), ...Object.values(plans)] };
}

async function doJob(job: Job, attempt: number, execution: number, signal: AbortSignal) {
  const { id, ms, failures, mischief } = execution === 1 ? job : { ...job, mischief: null };
  if (mischief === "kills its worker") process.kill(process.pid, "SIGKILL");
  if (mischief === "ignores its signal") await pause(1_200);
  await pause(mischief === "hangs" ? 2_500 : ms, undefined, { signal });
  if (attempt <= failures) throw new Error("This attempt fails, as planned");
  return id;
}

async function transfer(
  tx: Parameters<Parameters<DurableContext["transaction"]>[1]>[0],
  { id, from, to, amount }: Extract<Plan, { kind: "transfer" }>,
  idempotencyKey: string,
): Promise<number> {
  // Not in the order of the accounts: now and then two transfers wait for each other, and one has to give way.
  await tx`update soak.accounts set balance = balance - ${amount} where id = ${from}`;
  await tx`update soak.accounts set balance = balance + ${amount} where id = ${to}`;
  await tx`
    insert into soak.transfers (call, from_account, to_account, amount)
    values (${idempotencyKey}, ${from}, ${to}, ${amount})`;
  return id;
}

function keyed(concurrencyKey: string | null): Engine.ChildOptions {
  return concurrencyKey === null ? {} : { concurrencyKey };
}
