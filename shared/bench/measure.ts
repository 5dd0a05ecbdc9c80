import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Ledger, type StartedProcess, startProcess } from "../runtime/processes/index.ts";
import type { Adapter, Counts } from "./adapter.ts";
import type { BenchDatabase, BenchServer } from "./bench-server.ts";
import { figuresOf } from "./figures.ts";
import { type BenchJob, clockMs, type Report, type Size } from "./job.ts";
import { adapterOf } from "./process/job-of-process.ts";
import { warmUpOf } from "./process/warm-up.ts";
import { problemsOf } from "./verify.ts";

/** The outcome of one run. */
export type Outcome = {
  figures: Record<string, number>;
  peakBytes: number;
  /** Whether the run reached its time limit; the figures are those of the work done by then. */
  capped: boolean;
  /** Read from the engine's tables when the clock stopped. */
  counts: Counts;
  /** What the check of the run found. */
  problems: string[];
};

const LOAD = fileURLToPath(new URL("process/load.ts", import.meta.url));
const WORK = fileURLToPath(new URL("process/work.ts", import.meta.url));

/** For each phase of a run other than the work itself: loading, warming up, starting, stopping. */
const PHASE_LIMIT_MS = 180_000;
const POLL_INTERVAL_MS = 4;
/** For `latency`: the time between the start of the worker and the first task. */
const IDLE_MS = 1_000;

type MeasureOptions = {
  warmUp: Size | undefined;
  warmUpMs: number;
  capMs: number;
  /** Ends the measurement with an error. */
  stop: AbortSignal;
};

/**
 * Measures one job in a database of its own, which it drops, and returns the outcome. Throws if a process fails, if a
 * phase exceeds its limit or when `stop` is aborted.
 */
export async function measure(
  server: BenchServer,
  requested: Omit<BenchJob, "url" | "hangsAtLastStep" | "ledger" | "warmUp">,
  { warmUp, warmUpMs, capMs, stop }: MeasureOptions,
): Promise<Outcome> {
  const database = await server.createDatabase();
  const warmUpDatabase = warmUp && (await server.createDatabase());
  const ledger = requested.workload === "resume" ? Ledger.create() : undefined;
  const base = { ...requested, hangsAtLastStep: false };
  const job: BenchJob = {
    ...base,
    url: database.url,
    ...(ledger && { ledger: ledger.file }),
    ...(warmUpDatabase && {
      warmUp: { ...warmUpOf(base, warmUp, warmUpDatabase.url), atMostMs: warmUpMs },
    }),
  };
  const processes: StartedProcess[] = [];
  const start = (file: string, assigned: BenchJob) => {
    // Hides the deprecation warnings of the peers' drivers.
    const env = { BENCH_JOB: JSON.stringify(assigned), NODE_NO_WARNINGS: "1" };
    const started = startProcess(file, env);
    processes.push(started);
    return started;
  };
  const finished = new AbortController();
  const stopped = handled(
    once(stop, "abort", { signal: finished.signal }).then(() => {
      throw new Error("stopped");
    }),
  );
  const measured = async () => {
    const loader = start(LOAD, job);
    await withinLimit("to load", loader.nextMessage("loaded"));
    const adapter = await adapterOf(job);
    let worker: StartedProcess | undefined;
    if (warmUpDatabase !== undefined) {
      await settle(warmUpDatabase, job);
      worker = start(WORK, job);
      await untilWarm(worker);
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
    return await Promise.race([handled(measured()), stopped]);
  } finally {
    finished.abort();
    await Promise.all(processes.map((each) => each.kill()));
    await warmUpDatabase?.drop();
    await database.drop();
    ledger?.remove();
  }
}

/** Gives the planner statistics, except for `depth`, and writes the loaded data to disk before the run starts. */
async function settle({ sql }: BenchDatabase, { workload }: BenchJob): Promise<void> {
  if (workload !== "depth") await sql`vacuum analyze`;
  // On the user's own server we may lack the privilege. Then its settings decide when a checkpoint starts.
  await sql`checkpoint`.catch(() => {});
}

/** Waits for the end of the warm-up. The worker then waits for "open" before it connects to the database of the run. */
async function untilWarm(worker: StartedProcess): Promise<void> {
  const problem = await withinLimit("to warm up", worker.nextMessage("warm"));
  if (problem !== "") throw new Error(`The warm-up failed: ${problem}`);
}

async function killAtLastStep(victim: StartedProcess): Promise<void> {
  const hangs = withinLimit("to reach the last step", victim.nextMessage("hangs"));
  await withinLimit("to start", victim.nextMessage("ready"));
  victim.send("go", "go");
  await hangs;
  // With SIGKILL: the worker releases neither its task nor its lease.
  await victim.kill();
}

type RunContext = {
  adapter: Adapter;
  database: BenchDatabase;
  job: BenchJob;
  capMs: number;
  ledger: Ledger | undefined;
};

async function run(
  worker: StartedProcess,
  loader: StartedProcess,
  { adapter, database, job, capMs, ledger }: RunContext,
): Promise<Outcome> {
  const enough = handled(worker.nextMessage("enough"));
  const reported = handled(worker.nextMessage("report"));
  const ready = worker.nextMessage("ready");
  if (job.warmUp !== undefined) worker.send("open", "open");
  await withinLimit("to start", ready);
  const startMs = clockMs();
  worker.send("go", "go");
  if (job.workload === "latency") {
    await pause(IDLE_MS);
    loader.send("go", "go");
  }
  const expected = expectedTasks(job);
  const isEnough = await Promise.race([enough.then(() => true), pause(capMs, false)]);
  let counts = await adapter.count(database.sql, job);
  const isStoring = () => isEnough && job.size.enough === undefined && counts.tasks < expected;
  while (isStoring() && clockMs() - startMs < capMs) {
    await pause(POLL_INTERVAL_MS);
    counts = await adapter.count(database.sql, job);
  }
  const endMs = clockMs();
  const partial = job.size.enough !== undefined || counts.tasks < expected;

  worker.send("stop", "stop");
  const report = (await withinLimit("to stop", reported)) as Report;
  const problems = problemsOf(job, {
    tally: report.tally,
    counts: await adapter.count(database.sql, job),
    partial,
    drained: report.drained,
    ...(ledger && { ledger: ledger.lines() }),
  });
  if (job.size.enough !== undefined && !isEnough) problems.push("it reached its time limit");
  return {
    figures: figuresOf(job, { counts, startMs, endMs, report }),
    peakBytes: report.peakBytes,
    capped: job.size.enough === undefined && partial,
    counts,
    problems,
  };
}

function expectedTasks({ workload, size }: BenchJob): number {
  return workload === "children" ? size.tasks * (1 + size.children) : size.tasks;
}

async function withinLimit<T>(what: string, promise: Promise<T>): Promise<T> {
  const abort = new AbortController();
  const late = pause(PHASE_LIMIT_MS, undefined, { signal: abort.signal }).then(() => {
    throw new Error(`A process took more than ${PHASE_LIMIT_MS / 1_000} s ${what}`);
  });
  return Promise.race([promise, handled(late)]).finally(() => abort.abort());
}

/** Returns the promise with a handler, so that a rejection that is no longer awaited does not end the process. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
