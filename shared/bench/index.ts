import { Command, InvalidArgumentError } from "commander";
import { reportAndFail } from "../runtime/user-error.ts";
import { bench } from "./bench.ts";
import { installPeers } from "./install.ts";

const program = new Command("pnpm bench")
  .description("measure the lessons' engines and their peers, side by side on one Postgres")
  .option(
    "--quick",
    "few tasks, one round, the best configurations and the last lesson only; two to three minutes",
  )
  .option("--rounds <number>", "how often each is measured; 3 if left out", whole)
  .option("--only <workloads>", "of drain, steps, children, latency, resume, depth", list)
  .option("--contestants <names>", "such as lesson-08,dbos", list)
  .option("--seed <number>", "decides their order; a new one if left out", whole)
  .option("--out <folder>", "where the tables and the chart go; a whole, full run writes results/")
  .addHelpText(
    "after",
    `
Each run has a database and a worker process of its own, and what it has done is
counted when it ends; if that is not what was to be done, the benchmark fails.

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
// What a peer left open must not keep us.
process.exit();

function list(given: string): string[] {
  return given.split(",").map((name) => name.trim());
}

function whole(given: string): number {
  if (/^\d+$/.test(given) && Number(given) > 0) return Number(given);
  throw new InvalidArgumentError("It must be a whole number above 0.");
}
