import { runProgram } from "../checks/run-tool.ts";

// `pnpm format` formats all files, and applies the linter's safe fixes.
const { problems } = await runProgram("@biomejs/biome/bin/biome", ["check", "--write"]);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
