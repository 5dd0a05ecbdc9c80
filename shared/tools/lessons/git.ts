import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { UserError } from "../../runtime/user-error.ts";

export type GitResult = {
  /** git's exit code; many commands say "there are differences" or "there are conflicts" by it. */
  status: number;
  stdout: Buffer;
  stderr: string;
};

export type GitOptions = {
  /** Added to the environment. */
  env?: Record<string, string>;
};

/** What git prints in the repository at `root`, under the reader's own configuration; throws if it fails. */
export function git(root: string, args: string[], options: GitOptions = {}): Buffer {
  const { status, stdout, stderr } = tryGit(root, args, options);
  if (status === 0) return stdout;
  throw new UserError(`git ${args.join(" ")} failed in ${root}: ${stderr.trim()}`);
}

/** As `git`, but hands back a failure instead of throwing it. */
export function tryGit(root: string, args: string[], options: GitOptions = {}): GitResult {
  // Inside a hook, git points GIT_DIR and GIT_INDEX_FILE at the repository that runs the hook. What we
  // mean is always the repository at `root`.
  const env = environmentWithout(/^GIT_(?!CONFIG|EXEC_PATH|CEILING|DISCOVERY|TRACE)/i);
  return run(["-C", root, ...args], { ...env, ...options.env });
}

/**
 * Runs git in a plain folder so that its output depends on nothing but its arguments and the folder's
 * files: no repository, no configuration and no attributes of this machine or this user.
 */
export function gitAlone(folder: string, args: string[]): GitResult {
  const env = {
    ...environmentWithout(/^GIT_(?!EXEC_PATH)/i),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_CEILING_DIRECTORIES: path.dirname(folder),
    LC_ALL: "C",
  };
  return run(["-C", folder, "-c", "core.attributesFile=/dev/null", ...args], env);
}

/** Runs `work` with a new empty folder, and removes the folder afterwards. */
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

function environmentWithout(names: RegExp): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !names.test(name)));
}
