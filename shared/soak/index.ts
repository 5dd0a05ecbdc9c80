import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Engine, loadEngine } from "../commands/engine.ts";
import {
  type CrashableServer,
  connect,
  type Sql,
  startCrashableServer,
} from "../runtime/database/index.ts";
import { Ledger } from "../runtime/processes/index.ts";
import { asked } from "../runtime/story/index.ts";
import { randomFrom } from "../testing/random.ts";
import { makeTrouble } from "./chaos.ts";
import { violations } from "./check.ts";
import { cancelUnknownWork, drive } from "./driver.ts";
import { Fleet } from "./fleet.ts";
import { ACCOUNTS, FIRST_BALANCE } from "./soak-plan.ts";
import { soakTasks } from "./soak-tasks.ts";

export type SoakOptions = {
  /** The folder of the lesson whose engine is tested. */
  lesson: string;
  seed: number;
  /** How long faults are injected. */
  seconds: number;
  workers: number;
};

export type SoakResult = {
  /** One line for each violation. If there is any, `kept` is set. */
  problems: string[];
  /** The number of tasks and of faults, as a line. */
  figures: string;
  /** The folder with the workers' log and the ledger. */
  kept: string | undefined;
};

const LEASE_MS = 1_500;
const LONGEST_DRAIN_MS = 120_000;

/**
 * Injects faults into workers and Postgres while tasks run, then checks every task. The seed determines the tasks and the
 * faults.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "soak-"));
  const server = await startCrashableServer();
  const sql = connect(server.url, { applicationName: "soak" });
  try {
    const { problems, counts } = await disturb(options, { folder, server, sql });
    if (problems.length === 0) rmSync(folder, { recursive: true });
    return {
      problems,
      figures: await figuresOf(sql, counts),
      kept: problems.length === 0 ? undefined : folder,
    };
  } finally {
    await sql.end({ timeout: 0 });
    await server.remove();
  }
}

async function disturb(
  { lesson, seed, seconds, workers }: SoakOptions,
  { folder, server, sql }: { folder: string; server: CrashableServer; sql: Sql },
): Promise<{ problems: string[]; counts: Record<string, number> }> {
  const engine = await loadEngine(lesson);
  const ledger = new Ledger(path.join(folder, "ledger.txt"));
  const random = randomFrom(seed);
  const part = () => randomFrom(random.below(1_000_000_000));
  await createTables(sql, lesson);
  const env = {
    SOAK_URL: server.url,
    SOAK_LESSON: lesson,
    SOAK_LEDGER: ledger.file,
    SOAK_LOG: path.join(folder, "workers.log"),
    SOAK_LEASE_MS: String(LEASE_MS),
  };
  const fleet = new Fleet(workers, env, part());
  const timeIsUp = AbortSignal.timeout(seconds * 1_000);
  const work = async () => {
    const both = await Promise.all([
      drive({ sql, engine, tasks: soakTasks(engine, ledger) }, part(), timeIsUp),
      makeTrouble({ sql, server, fleet, leaseMs: LEASE_MS }, part(), timeIsUp),
    ]);
    await untilAllEnded(sql, engine);
    return both;
  };
  const [driven, trouble] = await work().catch((error) => {
    fleet.abandon();
    throw error;
  });
  await fleet.close();

  const found = await violations(sql, ledger, driven.keys);
  const problems = [
    ...fleet.violations,
    ...found.map(({ rule, task, what }) => `${rule}: task ${task}: ${what}`),
  ];
  return { problems, counts: { ...fleet.counts, ...trouble, ...driven.counts } };
}

async function createTables(sql: Sql, lesson: string): Promise<void> {
  await sql.unsafe(readFileSync(path.join(lesson, "sql/schema.sql"), "utf8"));
  await sql.unsafe(readFileSync(new URL("soak-schema.sql", import.meta.url), "utf8"));
  await sql`
    insert into soak.accounts (id, first_balance, balance)
    select id, ${FIRST_BALANCE}, ${FIRST_BALANCE}
    from generate_series(0, ${ACCOUNTS - 1}) as id`;
}

/** Returns when all tasks have ended and all expired workers are removed, or after `LONGEST_DRAIN_MS`. */
async function untilAllEnded(sql: Sql, engine: Engine): Promise<void> {
  const giveUpAt = performance.now() + LONGEST_DRAIN_MS;
  while (performance.now() < giveUpAt) {
    await asked(() => cancelUnknownWork(sql, engine));
    const [row] = await asked(
      async () => sql`
      select exists (select from tasks where status not in ('succeeded', 'failed', 'cancelled'))
          or exists (select from tasks where open_children > 0)
          or exists (select from workers where lease_expires_at <= now()) as "isBusy"`,
    );
    if (row?.isBusy === false) return;
    await pause(200);
  }
}

async function figuresOf(sql: Sql, counts: Record<string, number>): Promise<string> {
  const [done] = await sql<Record<string, number>[]>`
    select (select count(*)::int from tasks) as tasks,
           (select count(*)::int from events) as events,
           (select count(*)::int from soak.executions) as executions,
           (select count(*)::int from soak.executions where became <> 'suspended' and (
             error in ('WorkerLostError', 'RunDroppedError') or error is null and became = 'queued'
           )) as "lost executions",
           (select count(*)::int from soak.transfers) as transfers`;
  return Object.entries({ ...done, ...counts })
    .map(([what, count]) => `${count.toLocaleString("en-US")} ${what}`)
    .join(", ");
}
