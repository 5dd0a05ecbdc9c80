import pc from "picocolors";
import { serverUrl } from "../../runtime/database/server.ts";
import { reportAndFail } from "../../runtime/user-error.ts";
import { installedServers } from "../../testing/installed-servers.ts";
import { checks } from "../checks/checks.ts";

// `pnpm test`: everything that must hold. Each check tells how many things it looked at, and what is
// wrong with which; one that breaks down counts as a failure, not as the end.
try {
  await serverUrl({ say: console.log });
  console.log(installedServers());
} catch (error) {
  reportAndFail(error);
  process.exit();
}

let passed = 0;
let failed = 0;
for (const { name, run } of checks) {
  const started = Date.now();
  const { held, problems } = await run().catch((error: unknown) => ({
    held: 0,
    problems: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
  }));
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (held === 0 && problems.length === 0) problems.push(`${name}: there was nothing to look at`);
  const mark = problems.length === 0 ? pc.green("✓") : pc.red("✗");
  console.log(`${mark} ${name.padEnd(36)} ${String(held).padStart(4)}  ${pc.dim(`${seconds} s`)}`);
  for (const problem of problems) console.log(problem.replace(/^/gm, "    "));
  passed += held;
  failed += problems.length;
}

console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
