import type { Sql } from "shared/database";
import { intercept, type Statement, textsOf } from "shared/testing";
import { expect, onTestFinished } from "vitest";
import { Worker, type WorkerOptions } from "#engine";

/** No heartbeat comes while a test lasts, and no poll but those that follow a call, at ever longer intervals. */
const NEVER_BY_ITSELF = {
  pollIntervalMs: 3_600_000,
  heartbeatIntervalMs: 1_800_000,
  leaseMs: 3_600_000,
};

/**
 * Starts a worker, and returns it when it has looked for something to do, and hears calls if it is one that can. It
 * has to have a slot left.
 */
export async function startIdle(sql: Sql, options: WorkerOptions): Promise<Worker> {
  let answered = 0;
  const claim = textsOf("claimTasks");
  const after = ({ text }: Statement) => {
    if (claim.includes(text)) answered += 1;
  };
  const worker = new Worker(intercept(sql, { after }), {
    ...NEVER_BY_ITSELF,
    graceMs: 0,
    log: () => {},
    ...options,
  });
  worker.start();
  onTestFinished(() => worker.stop({ deadlineMs: 0 }));
  await expect.poll(() => answered).toBeGreaterThan(0);
  await expect.poll(() => deafWorkers(sql)).toBe(0);
  // When it hears that it listens, it looks once more.
  if (await hasChannel(sql)) await expect.poll(() => answered).toBeGreaterThan(1);
  return worker;
}

/** How many workers do not listen yet, of those that will. Of an engine whose workers have no channel none will. */
async function deafWorkers(sql: Sql): Promise<number> {
  const [row] = await sql`
    select count(*)::int as deaf
    from workers
    where to_jsonb(workers) ->> 'channel' is not null
      and not exists (
        select from pg_stat_activity
        where query = format('listen "%s"', to_jsonb(workers) ->> 'channel')
          and state = 'idle'
      )`;
  return row?.deaf;
}

async function hasChannel(sql: Sql): Promise<boolean> {
  const [row] = await sql`
    select bool_or(to_jsonb(workers) ->> 'channel' is not null) as has_channel from workers`;
  return row?.hasChannel;
}
