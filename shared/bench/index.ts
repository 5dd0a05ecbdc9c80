import { Command, InvalidArgumentError } from "commander";
import { reportAndFail } from "../runtime/user-error.ts";
import { bench } from "./bench.ts";
import { installPeers } from "./install.ts";

const program = new Command("pnpm bench")
  .description("measure the lessons' engines and their peers, side by side on one Postgres")
  .option(
    "--quick",
    "few tasks, one round, the best configurations, only the last lesson; two to three minutes",
  )
  .option(
    "--rounds <number>",
    "how often to measure each; default: 3, with --quick 1",
    positiveInteger,
  )
  .option(
    "--only <workloads>",
    "some of drain, steps, children, latency, resume, depth",
    commaSeparated,
  )
  .option("--contestants <names>", "for example lesson-08,dbos", commaSeparated)
  .option(
    "--seed <number>",
    "seed of the random order of the runs; default: a new one",
    positiveInteger,
  )
  .option(
    "--out <folder>",
    "folder for the tables and the chart; default: results/, for a full run only",
  )
  .addHelpText(
    "after",
    `
Each run has a database and a worker process of its own. At the end of each run,
the benchmark checks that every task ran exactly once, and fails if not.

Examples:
  pnpm bench
  pnpm bench --quick
  pnpm bench --only steps,children --contestants lesson-07,dbos --rounds 5`,
  )
  .action(async (options) => {
    installPeers();
    await bench(options);
  });

await program.parseAsync().catch(reportAndFail);
// Handles that a peer has left open must not keep the process alive.
process.exit();

function commaSeparated(value: string): string[] {
  return value.split(",").map((name) => name.trim());
}

function positiveInteger(value: string): number {
  if (/^\d+$/.test(value) && Number(value) > 0) return Number(value);
  throw new InvalidArgumentError("It must be a positive integer.");
}
