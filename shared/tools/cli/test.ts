import { Command } from "commander";
import pc from "picocolors";
import { serverUrl } from "../../runtime/database/server.ts";
import { reportAndFail } from "../../runtime/user-error.ts";
import { installedServers } from "../../testing/installed-servers.ts";
import { type Check, checkRows } from "../checks/checks.ts";
import { findLessons } from "../lessons/lessons.ts";
import { prepare } from "../staircase/surroundings.ts";

// `pnpm test`: everything that must hold. Each check prints a line when it has ended: how many things are as they must
// be, how long it took beside the others, and below it what is wrong. A check that breaks down counts as a failure.
new Command("pnpm test")
  .description("run all tests and checks; for some of them see pnpm lesson prove --help")
  .allowExcessArguments(false)
  .parse();
const startedMs = performance.now();
let passed = 0;
let failed = 0;

try {
  await serverUrl({ say: console.log });
  console.log(installedServers());
  const surroundings = await prepare(findLessons());
  // The stories start processes too.
  if (surroundings.built) process.env.BUILT_FOLDER = surroundings.built.folder;
  else console.log("The engines could not be built: all tests compile them, and take longer.");
  await Promise.all(checkRows(surroundings).map(runRow)).finally(surroundings.remove);
} catch (error) {
  reportAndFail(error);
  process.exit();
}

console.log(pc.dim(line(" ", "all of them, side by side", passed, startedMs)));
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

async function runRow(checks: Check[]): Promise<void> {
  for (const { name, run } of checks) {
    const checkStartedMs = performance.now();
    const { held, problems } = await run().catch((error: unknown) => ({
      held: 0,
      problems: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
    }));
    if (held === 0 && problems.length === 0) problems.push(`${name}: nothing was checked`);
    const mark = problems.length === 0 ? pc.green("✓") : pc.red("✗");
    console.log(line(mark, name, held, checkStartedMs));
    for (const problem of problems) console.log(problem.replace(/^/gm, "    "));
    passed += held;
    failed += problems.length;
  }
}

function line(mark: string, name: string, count: number, sinceMs: number): string {
  const seconds = ((performance.now() - sinceMs) / 1_000).toFixed(1);
  return `${mark} ${name.padEnd(36)} ${String(count).padStart(5)} ${seconds.padStart(7)} s`;
}
