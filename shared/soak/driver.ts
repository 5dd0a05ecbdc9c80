import { setTimeout as pause } from "node:timers/promises";
import type { Engine } from "../commands/engine.ts";
import { isTransientError, type Sql } from "../runtime/database/index.ts";
import { asked } from "../runtime/story/index.ts";
import type { Random } from "../testing/random.ts";
import { LIMITS, PLAN_NAMES, planner } from "./soak-plan.ts";
import type { soakTasks } from "./soak-tasks.ts";

type World = { sql: Sql; engine: Engine; tasks: ReturnType<typeof soakTasks> };

/** The maximum number of open tasks, not counting children. */
const MOST_AT_ONCE = 60;

/** Enqueues tasks of all kinds until `signal` fires, and cancels, retries and replays some of them. */
export async function drive({ sql, engine, tasks }: World, random: Random, signal: AbortSignal) {
  const { below, among, chance } = random;
  const plans = planner(random);
  const counts = { cancelled: 0, retried: 0, replayed: 0 };
  const keys: string[] = [];
  for (const [key, limit] of Object.entries(LIMITS)) {
    await engine.setConcurrencyLimit(sql, key, limit);
  }

  while (!signal.aborted) {
    await pause(50 + below(100), undefined, { signal }).catch(() => {});
    const [open] = await asked(
      async () => sql`
        select count(*)::int, (select coalesce(max(id), 0)::int from tasks) as last
        from tasks
        where parent_id is null and status not in ('succeeded', 'failed', 'cancelled')`,
    );
    if (open?.count < MOST_AT_ONCE) await enqueueSome();
    if (open?.last > 0) await interfere(open?.last);
    if (chance(0.1)) await asked(() => cancelUnknownWork(sql, engine));
  }
  return { keys, counts };

  async function enqueueSome(): Promise<void> {
    const options = () => {
      const idempotencyKey = `soak ${keys.length + 1}`;
      keys.push(idempotencyKey);
      const concurrencyKey = plans.key();
      return {
        idempotencyKey,
        ...(concurrencyKey !== null && { concurrencyKey }),
        priority: among(["high", "normal", "low"] as const),
        delayMs: chance(0.2) ? below(2_000) : 0,
      };
    };
    const inputs = Array.from({ length: below(5) }, () => ({ ...options(), input: plans.work() }));
    const work = tasks.regular[plans.workName()];
    // Retrying is safe even if the first insert was committed: each task has an idempotency key.
    await asked(() => engine.enqueueMany(sql, work, inputs));
    for (let count = below(4); count > 0; count -= 1) {
      const plan = tasks.plans[among(PLAN_NAMES)];
      const [input, how] = [plans.plan(), options()];
      await asked(() => engine.enqueue(sql, plan, input, how));
    }
  }

  /** Cancels, retries and replays random tasks. The newest may still be open, or be children; most others have ended. */
  async function interfere(last: number): Promise<void> {
    const recent = () => String(Math.max(1, last - below(100)));
    const any = () => String(1 + below(last));
    if (chance(0.15)) {
      counts.cancelled += (await tried(() => engine.cancel(sql, recent()))) === true ? 1 : 0;
    }
    if (chance(0.5)) counts.retried += await worked(() => engine.retry(sql, chosen()));
    if (chance(0.1)) counts.replayed += await worked(() => engine.replay(sql, chosen()));

    function chosen(): string {
      return chance(0.5) ? recent() : any();
    }
  }
}

/** No worker knows these tasks, so they would wait forever. */
export async function cancelUnknownWork(sql: Sql, engine: Engine): Promise<void> {
  const waiting = await sql`
    select id
    from tasks
    where name = 'unknown work' and status = 'queued'`;
  for (const { id } of waiting) await engine.cancel(sql, id);
}

/** Returns 1 if the operation succeeded, 0 if the task's status did not allow it or Postgres was unreachable. */
async function worked(ask: () => Promise<void>): Promise<number> {
  return (await tried(async () => ask().then(() => true))) ? 1 : 0;
}

async function tried<T>(ask: () => Promise<T>): Promise<T | undefined> {
  return ask().catch((error: Error) => {
    if (isTransientError(error) || REFUSED.test(error.message)) return undefined;
    throw error;
  });
}

const REFUSED =
  /^There is no task \d+$|^Task \d+ is \w+; only a |^Children of task \d+ are locked /;
