import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Ledger, type StartedProcess, startProcess } from "../runtime/processes/index.ts";
import type { Adapter, Counts } from "./adapter.ts";
import { figuresOf } from "./figures.ts";
import { clockMs, type Job, type Report, type Size } from "./job.ts";
import { adapterOf } from "./process/job-of-process.ts";
import { warmUpOf } from "./process/warm-up.ts";
import type { BenchDatabase, BenchServer } from "./server.ts";
import { problemsOf } from "./verify.ts";

/** What came of one run. */
export type Outcome = {
  figures: Record<string, number>;
  peakBytes: number;
  /** Whether the clock ran out before all was done; the figures are of what was done by then. */
  capped: boolean;
  /** What was done, by the engine's tables, when the clock stopped. */
  counts: Counts;
  /** Empty if what was done is what was to be done. */
  problems: string[];
};

const LOAD = fileURLToPath(new URL("process/load.ts", import.meta.url));
const WORK = fileURLToPath(new URL("process/work.ts", import.meta.url));

const LIMIT_MS = 180_000;
const LOOK_EVERY_MS = 4;
const IDLE_MS = 1_000;

type Options = {
  warmUp: Size | undefined;
  warmUpMs: number;
  capMs: number;
  stop: AbortSignal;
};

/** Runs one job in a database of its own, which is gone afterwards, and looks whether it was done. */
export async function measure(
  server: BenchServer,
  wanted: Omit<Job, "url" | "hangsAtLastStep" | "ledger" | "warmUp">,
  { warmUp, warmUpMs, capMs, stop }: Options,
): Promise<Outcome> {
  const database = await server.createDatabase();
  const warmUpDatabase = warmUp && (await server.createDatabase());
  const ledger = wanted.workload === "resume" ? Ledger.create() : undefined;
  const alone = { ...wanted, hangsAtLastStep: false };
  const job: Job = {
    ...alone,
    url: database.url,
    ...(ledger && { ledger: ledger.file }),
    ...(warmUpDatabase && {
      warmUp: { ...warmUpOf(alone, warmUp, warmUpDatabase.url), atMostMs: warmUpMs },
    }),
  };
  const processes: StartedProcess[] = [];
  const start = (file: string, as: Job) => {
    // What the peers' drivers have to say about their own use of them is not for us.
    const env = { BENCH_JOB: JSON.stringify(as), NODE_NO_WARNINGS: "1" };
    const started = startProcess(file, env);
    processes.push(started);
    return started;
  };
  const over = new AbortController();
  const stopped = quiet(
    once(stop, "abort", { signal: over.signal }).then(() => {
      throw new Error("stopped");
    }),
  );
  const measured = async () => {
    const loader = start(LOAD, job);
    await inTime("to load", loader.nextMessage("loaded"));
    const adapter = await adapterOf(job);
    let worker: StartedProcess | undefined;
    if (warmUpDatabase !== undefined) {
      await settle(warmUpDatabase, job);
      worker = start(WORK, job);
      await warmedUp(worker);
      await warmUpDatabase.drop();
    }
    await settle(database, job);
    if (job.workload === "resume") {
      const victim = start(WORK, { ...job, hangsAtLastStep: true });
      await killAtLastStep(victim);
      await adapter.makeDue?.(database.sql);
    }
    worker ??= start(WORK, job);
    return run(worker, loader, { adapter, database, job, capMs, ledger });
  };
  try {
    return await Promise.race([quiet(measured()), stopped]);
  } finally {
    over.abort();
    await Promise.all(processes.map((each) => each.kill()));
    await warmUpDatabase?.drop();
    await database.drop();
    ledger?.remove();
  }
}

/** What loading has begun must not go on while the clock runs; and no engine is to suffer for want of statistics. */
async function settle({ sql }: BenchDatabase, { workload }: Job): Promise<void> {
  if (workload !== "depth") await sql`vacuum analyze`;
  // On a server that is not ours we may not be allowed to; its own settings decide then.
  await sql`checkpoint`.catch(() => {});
}

/** Returns when the worker has ended its warm-up; it opens the database that counts when it is told to. */
async function warmedUp(worker: StartedProcess): Promise<void> {
  const problem = await inTime("to warm up", worker.nextMessage("warm"));
  if (problem !== "") throw new Error(`The warm-up failed: ${problem}`);
}

async function killAtLastStep(victim: StartedProcess): Promise<void> {
  const hangs = inTime("to come to the last step", victim.nextMessage("hangs"));
  await inTime("to start", victim.nextMessage("ready"));
  victim.send("go", "go");
  await hangs;
  // SIGKILL: nothing is handed back.
  await victim.kill();
}

type Setting = {
  adapter: Adapter;
  database: BenchDatabase;
  job: Job;
  capMs: number;
  ledger: Ledger | undefined;
};

async function run(
  worker: StartedProcess,
  loader: StartedProcess,
  { adapter, database, job, capMs, ledger }: Setting,
): Promise<Outcome> {
  const enough = quiet(worker.nextMessage("enough"));
  const reported = quiet(worker.nextMessage("report"));
  const ready = worker.nextMessage("ready");
  if (job.warmUp !== undefined) worker.send("open", "open");
  await inTime("to start", ready);
  const startMs = clockMs();
  worker.send("go", "go");
  if (job.workload === "latency") {
    await pause(IDLE_MS);
    loader.send("go", "go");
  }
  const expected = expectedTasks(job);
  const isEnough = await Promise.race([enough.then(() => true), pause(capMs, false)]);
  let counts = await adapter.count(database.sql, job);
  const looksOn = () => isEnough && job.size.enough === undefined && counts.tasks < expected;
  while (looksOn() && clockMs() - startMs < capMs) {
    await pause(LOOK_EVERY_MS);
    counts = await adapter.count(database.sql, job);
  }
  const endMs = clockMs();
  const partial = job.size.enough !== undefined || counts.tasks < expected;

  worker.send("stop", "stop");
  const report = (await inTime("to stop", reported)) as Report;
  const problems = problemsOf(job, {
    tally: report.tally,
    counts: await adapter.count(database.sql, job),
    partial,
    drained: report.drained,
    ...(ledger && { ledger: ledger.lines() }),
  });
  if (job.size.enough !== undefined && !isEnough) problems.push("the clock ran out");
  return {
    figures: figuresOf(job, { counts, startMs, endMs, report }),
    peakBytes: report.peakBytes,
    capped: job.size.enough === undefined && partial,
    counts,
    problems,
  };
}

function expectedTasks({ workload, size }: Job): number {
  return workload === "children" ? size.tasks * (1 + size.children) : size.tasks;
}

async function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  const abort = new AbortController();
  const late = pause(LIMIT_MS, undefined, { signal: abort.signal }).then(() => {
    throw new Error(`A process took more than ${LIMIT_MS / 1_000} s ${what}`);
  });
  return Promise.race([promise, quiet(late)]).finally(() => abort.abort());
}

/** Whoever awaits it sees the error; if nobody does any more, it is no crash. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
