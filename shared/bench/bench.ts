import { UserError } from "../runtime/user-error.ts";
import { startBenchServer } from "./bench-server.ts";
import { buildEngines } from "./build.ts";
import { findContestants } from "./contestants.ts";
import type { Outcome } from "./measure.ts";
import { type BenchSession, perform } from "./perform.ts";
import { printResults, printRun, printSetting, printVerdicts } from "./report/print-results.ts";
import { settingOf } from "./report/setting.ts";
import { writeResults } from "./report/write-results.ts";
import { type Measured, resultsOf } from "./results.ts";
import { type BenchRun, type Choice, scheduleOf } from "./schedule.ts";
import { verdictsOf } from "./targets.ts";
import { workloads } from "./workloads.ts";

/**
 * Measures the chosen contestants and workloads, prints the results, and writes those of a full run, or of any run with
 * `out`, to a folder. Then it throws a `UserError` if a run has failed.
 */
export async function bench(given: Partial<Choice> & { out?: string }): Promise<void> {
  const { quick = false, only, contestants: names, seed = Date.now() % 1_000_000 } = given;
  const choice: Choice = {
    rounds: given.rounds ?? (quick ? 1 : 3),
    seed,
    quick,
    ...(only && { only }),
    ...(names && { contestants: names }),
  };
  const contestants = findContestants();
  const schedule = scheduleOf(contestants, choice);
  const built = await buildEngines(contestants);
  const server = await startBenchServer(console.log);
  const setting = settingOf(server, contestants, choice);
  const measured: Measured[] = [];
  const session = { server, built, quick, stop: interruption() };
  try {
    printSetting(setting);
    await performAll(schedule, session, measured);
  } finally {
    await server.stop();
    built.remove();
  }
  const results = resultsOf(measured);
  const verdicts = verdictsOf(results);
  printResults(workloads, results);
  printVerdicts(verdicts);
  const isWhole = !quick && only === undefined && names === undefined;
  const folder = writeResults({ setting, contestants, results, verdicts, isWhole }, given.out);
  if (folder !== undefined) console.log(`\nWritten to ${folder}`);
  throwIfFailed(measured.filter(({ outcome }) => outcome.problems.length > 0).length);
}

async function performAll(
  schedule: readonly BenchRun[],
  session: BenchSession,
  measured: Measured[],
): Promise<void> {
  const digits = String(schedule.length).length;
  for (const [index, run] of schedule.entries()) {
    const outcome = await perform(session, run).catch(failed);
    if (session.stop.aborted) throw new UserError("Interrupted; no results were written.");
    measured.push({ run, outcome });
    printRun(`${String(index + 1).padStart(digits)}/${schedule.length}`, run, outcome);
  }
}

/** Returns a signal that fires on Ctrl-C or SIGTERM, so that we still stop the child processes and the server. */
function interruption(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

/** Returns the outcome of a run that threw: the benchmark fails, but goes on with the other runs. */
function failed(error: unknown): Outcome {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    figures: {},
    peakBytes: 0,
    capped: false,
    counts: { tasks: 0, steps: 0 },
    problems: [message],
  };
}

function throwIfFailed(count: number): void {
  if (count === 0) return;
  const runs = count === 1 ? "One run has" : `${count} runs have`;
  throw new UserError(`${runs} failed; see above.`);
}
