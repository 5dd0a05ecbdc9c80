import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { connect, type Sql, startCrashableServer } from "shared/database";
import { Ledger } from "shared/processes";
import type * as Engine from "#engine";
import { makeTrouble } from "./chaos.ts";
import { violations } from "./check.ts";
import { drive } from "./driver.ts";
import { Fleet } from "./fleet.ts";
import { ACCOUNTS, FIRST_BALANCE } from "./plan.ts";
import { randomFrom } from "./random.ts";
import { soakTasks } from "./tasks.ts";

export type SoakOptions = {
  /** The folder of the lesson whose engine works. */
  lesson: string;
  seed: number;
  /** How long things go wrong. */
  seconds: number;
  workers: number;
};

export type SoakResult = {
  /** What should not have happened, a line for each; then there is also `kept`. */
  problems: string[];
  /** How much was done, and went wrong on purpose. */
  figures: string;
  /** A folder with the workers' log and the ledger. */
  kept: string | undefined;
};

const LEASE_MS = 1_500;
const LONGEST_DRAIN_MS = 120_000;

/** Lets workers work while things go wrong, and says whether all came out right. What goes wrong depends on the seed. */
export async function soak({ lesson, seed, seconds, workers }: SoakOptions): Promise<SoakResult> {
  const engineUrl = pathToFileURL(path.join(lesson, "engine/index.ts")).href;
  const engine = (await import(engineUrl)) as typeof Engine;
  const folder = mkdtempSync(path.join(os.tmpdir(), "soak-"));
  const ledger = new Ledger(path.join(folder, "ledger.txt"));
  const server = await startCrashableServer();
  const sql = connect(server.url, { applicationName: "soak" });
  const random = randomFrom(seed);
  const part = () => randomFrom(random.below(1_000_000_000));
  try {
    await createTables(sql, lesson);
    const env = {
      SOAK_URL: server.url,
      SOAK_ENGINE: engineUrl,
      SOAK_LEDGER: ledger.file,
      SOAK_LOG: path.join(folder, "workers.log"),
      SOAK_LEASE_MS: String(LEASE_MS),
    };
    const fleet = new Fleet(workers, env, part());
    const world = {
      sql,
      server,
      fleet,
      leaseMs: LEASE_MS,
      engine,
      tasks: soakTasks(engine, ledger),
    };
    const timeIsUp = AbortSignal.timeout(seconds * 1_000);
    const [driven, trouble] = await Promise.all([
      drive(world, part(), timeIsUp),
      makeTrouble(world, part(), timeIsUp),
    ]);
    await untilAllEnded(sql, engine);
    await fleet.close();

    const found = await violations(sql, ledger, driven.keys);
    const problems = [
      ...fleet.violations,
      ...found.map(({ rule, task, what }) => `${rule}: task ${task}: ${what}`),
    ];
    if (problems.length === 0) rmSync(folder, { recursive: true });
    return {
      problems,
      figures: await figuresOf(sql, { ...fleet.counts, ...trouble, ...driven.counts }),
      kept: problems.length === 0 ? undefined : folder,
    };
  } finally {
    await sql.end({ timeout: 0 });
    await server.remove();
  }
}

async function createTables(sql: Sql, lesson: string): Promise<void> {
  await sql.unsafe(readFileSync(path.join(lesson, "sql/schema.sql"), "utf8"));
  await sql.unsafe(readFileSync(new URL("schema.sql", import.meta.url), "utf8"));
  await sql`
    insert into soak.accounts (id, first_balance, balance)
    select id, ${FIRST_BALANCE}, ${FIRST_BALANCE}
    from generate_series(0, ${ACCOUNTS - 1}) as id`;
}

/** What has not ended when it returns is stuck, and the workers of the dead are buried. */
async function untilAllEnded(sql: Sql, engine: typeof Engine): Promise<void> {
  const giveUpAt = performance.now() + LONGEST_DRAIN_MS;
  while (performance.now() < giveUpAt) {
    await cancelWhatNobodyKnows(sql, engine);
    const [row] = await sql`
      select exists (select from tasks where status not in ('succeeded', 'failed', 'cancelled'))
          or exists (select from tasks where open_children > 0)
          or exists (select from workers where lease_ends_at <= now()) as "isBusy"`;
    if (row?.isBusy === false) return;
    await pause(200);
  }
}

/** A task that nobody knows ends by its start timeout. One that somebody has retried by itself has none. */
async function cancelWhatNobodyKnows(sql: Sql, engine: typeof Engine): Promise<void> {
  const waiting = await sql`
    select id
    from tasks
    where name = 'work nobody knows' and status = 'queued' and expires_at is null`;
  for (const { id } of waiting) await engine.cancel(sql, id);
}

async function figuresOf(sql: Sql, counts: Record<string, number>): Promise<string> {
  const [done] = await sql<Record<string, number>[]>`
    select (select count(*)::int from tasks) as tasks,
           (select count(*)::int from events) as events,
           (select count(*)::int from soak.executions) as executions,
           (select count(*)::int from soak.executions where became <> 'suspended' and (
             error in ('WorkerLostError', 'OutcomeLostError') or error is null and became = 'queued'
           )) as "lost executions",
           (select count(*)::int from soak.transfers) as transfers`;
  return Object.entries({ ...done, ...counts })
    .map(([what, count]) => `${count.toLocaleString("en-US")} ${what}`)
    .join(", ");
}
