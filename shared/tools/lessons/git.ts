import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { UserError } from "../../runtime/user-error.ts";

export type GitResult = {
  /** git's exit code, with which many commands report differences or conflicts. */
  status: number;
  stdout: Buffer;
  stderr: string;
};

export type GitOptions = {
  /** Added to the environment. */
  env?: Record<string, string>;
};

/** Returns git's output in the repository at `root`, with the user's own configuration. Throws if git fails. */
export function git(root: string, args: string[], options: GitOptions = {}): Buffer {
  const { status, stdout, stderr } = tryGit(root, args, options);
  if (status === 0) return stdout;
  throw new UserError(`git ${args.join(" ")} failed in ${root}: ${stderr.trim()}`);
}

/** Like `git`, but returns a failure instead of throwing. */
export function tryGit(root: string, args: string[], options: GitOptions = {}): GitResult {
  // Inside a hook, GIT_DIR and GIT_INDEX_FILE point to the repository that runs the hook. Our commands must
  // always use the repository at `root`.
  const ours = /^(?!GIT_)|^GIT_(CONFIG|EXEC_PATH|CEILING|DISCOVERY|TRACE)/i;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => ours.test(name)));
  return run(["-C", root, ...args], { ...env, ...options.env });
}

/** Runs `work` with a new empty folder, and deletes the folder afterwards. Returns the result of `work`. */
export function inScratchFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), "lesson-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

function run(args: string[], env: NodeJS.ProcessEnv): GitResult {
  const { error, status, stdout, stderr } = spawnSync("git", args, {
    env,
    maxBuffer: MAX_OUTPUT_BYTES,
    windowsHide: true,
  });
  if (error && "code" in error && error.code === "ENOENT") {
    throw new UserError(
      "git is not installed or not on the PATH; install it (https://git-scm.com/downloads) and try again.",
    );
  }
  if (error) throw error;
  return { status: status ?? -1, stdout, stderr: stderr.toString() };
}
