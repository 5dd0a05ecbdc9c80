import { runProgram } from "../checks/run-program.ts";

// `pnpm format` puts everything into the one format, and mends what the linter can mend.
const { problems } = await runProgram("@biomejs/biome/bin/biome", ["check", "--write"]);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
