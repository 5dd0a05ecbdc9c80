import { spawn } from "node:child_process";
import { UserError } from "../../user-error.ts";
import { undoOnExit } from "./exit.ts";
import { otherServers } from "./postgres-package.ts";
import type { SystemUser } from "./service-user.ts";

export type RunOptions = {
  cwd: string;
  user: SystemUser | undefined;
  /** Whether the process continues after this one ends. Default: false; it and its child processes are killed. */
  outlivesUs?: boolean;
};

export type Finished = { succeeded: boolean; output: string };

const isWindows = process.platform === "win32";

/**
 * Runs a program and waits until it has ended. Ctrl-C in the terminal does not reach it: it has its own session, and on
 * Windows its own hidden console.
 */
export function run(program: string, args: string[], options: RunOptions): Promise<Finished> {
  const { cwd, user, outlivesUs = false } = options;
  // On Windows, child processes of the program inherit its pipes and keep them open.
  const output = isWindows && outlivesUs ? "ignore" : "pipe";
  const child = spawn(program, args, {
    cwd,
    env: childEnvironment(),
    stdio: ["ignore", output, output],
    detached: !isWindows,
    windowsHide: true,
    ...(user && { uid: user.uid, gid: user.gid }),
  });
  const takeBack = undoOnExit(() => {
    if (!outlivesUs) killGroup(child.pid);
  });
  return new Promise<Finished>((resolve, reject) => {
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
    }
    child.on("error", (error) => reject(cannotRun(program, user, error)));
    child.on("close", (code) => resolve({ succeeded: code === 0, output: text.trim() }));
  }).finally(takeBack);
}

/**
 * Returns only the variables that a program needs to run. The server runs for weeks: it must not hold the secrets of the
 * terminal that started it, or read settings from `PG…` and `LC_…` variables.
 */
export function childEnvironment(): NodeJS.ProcessEnv {
  const needed =
    /^(PATH|PATHEXT|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|LD_LIBRARY_PATH|NIX_LD.*)$/i;
  const kept = Object.entries(process.env).filter(([name]) => needed.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: "C" };
}

function killGroup(pid: number | undefined): void {
  if (pid !== undefined) process.kill(isWindows ? pid : -pid, "SIGKILL");
}

function cannotRun(program: string, user: SystemUser | undefined, error: Error): Error {
  const code = (error as NodeJS.ErrnoException).code;
  if (user && code === "EPERM") {
    return new UserError(
      `Postgres does not run as root, and this system does not allow us to run it as ${user.name}; ${otherServers}.`,
      { cause: error },
    );
  }
  return new UserError(`Cannot run ${program} (${code ?? error.message}); ${otherServers}.`, {
    cause: error,
  });
}
