import { UserError } from "../runtime/user-error.ts";
import { buildEngines } from "./build.ts";
import { findContestants } from "./contestants.ts";
import type { Outcome } from "./measure.ts";
import { perform, type Tools } from "./perform.ts";
import { type Choice, planOf, type Run } from "./plan.ts";
import { printResults, printRun, printSetting, printVerdicts } from "./report/print.ts";
import { settingOf } from "./report/setting.ts";
import { writeResults } from "./report/write.ts";
import { type Measured, resultsOf } from "./results.ts";
import { startBenchServer } from "./server.ts";
import { verdictsOf } from "./targets.ts";
import { workloads } from "./workloads.ts";

/** Measures what is asked for, prints it, and writes it down. Throws if any run has not done what it had to. */
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
  const plan = planOf(contestants, choice);
  const built = await buildEngines(contestants);
  const server = await startBenchServer(console.log);
  const setting = settingOf(server, contestants, choice);
  const measured: Measured[] = [];
  const tools = { server, built, quick, stop: interruption() };
  try {
    printSetting(setting);
    await performAll(plan, tools, measured);
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
  refuseProblems(measured.filter(({ outcome }) => outcome.problems.length > 0).length);
}

async function performAll(plan: readonly Run[], tools: Tools, measured: Measured[]): Promise<void> {
  const digits = String(plan.length).length;
  for (const [index, run] of plan.entries()) {
    const outcome = await perform(tools, run).catch(failed);
    if (tools.stop.aborted) throw new UserError("Interrupted; nothing is written.");
    measured.push({ run, outcome });
    printRun(`${String(index + 1).padStart(digits)}/${plan.length}`, run, outcome);
  }
}

/** Fires when somebody wants it to end; its processes and its server have to be stopped even so. */
function interruption(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

/** A run that breaks down is a failure of the benchmark, and the others go on. */
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

function refuseProblems(count: number): void {
  if (count === 0) return;
  const runs = count === 1 ? "One run has" : `${count} runs have`;
  throw new UserError(`${runs} not done what was to be done; see above.`);
}
