import { execFile } from "node:child_process";
import path from "node:path";
import { repositoryRoot } from "../lessons/lessons.ts";
import type { Verdict } from "./checks.ts";

/** Runs a package's program on the whole repository: it holds if the exit code is 0. */
export async function runProgram(program: string, args: string[]): Promise<Verdict> {
  const file = path.join(repositoryRoot, "shared/tools/node_modules", program);
  return new Promise((resolve) => {
    const options = { cwd: repositoryRoot, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [file, ...args], options, (error, stdout, stderr) => {
      resolve(error ? { held: 0, problems: [`${stdout}${stderr}`] } : { held: 1, problems: [] });
    });
  });
}
