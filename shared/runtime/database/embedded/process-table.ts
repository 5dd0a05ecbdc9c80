import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../../processes/is-alive.ts";

/** A process of Postgres. Only on Linux can we read this without starting a program. */
export type PostgresProcess = {
  pid: number;
  args: string[];
  /** Its working directory, which for a server is the data folder. Linux reports the new path if the folder is renamed. */
  cwd: string;
};

export const isLinux = process.platform === "linux";

/** Returns true if this is the main process of the server on the folder `data`, even if that folder is deleted. */
export function servesData({ args, cwd }: PostgresProcess, data: string): boolean {
  const given = args[args.indexOf("-D") + 1];
  return args.includes("-D") && (given === data || cwd === data);
}

/** Returns all processes of Postgres; an empty array on systems other than Linux. */
export function postgresProcesses(): PostgresProcess[] {
  if (!isLinux) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => postgresProcess(Number(pid)) ?? []);
}

/** Returns the process with this pid; undefined if it is not a process of Postgres, or is a zombie. */
export function postgresProcess(pid: number): PostgresProcess | undefined {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    if (!/^(postgres|initdb)\b/.test(path.basename(args[0] ?? ""))) return undefined;
    return { pid, args, cwd: readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, "") };
  } catch {
    return undefined;
  }
}

/** Stops the processes immediately and waits until they have ended; kills those that take more than 5 s. */
export async function end(pids: number[]): Promise<void> {
  for (const pid of pids) send(pid, "SIGQUIT");
  const deadline = performance.now() + 5_000;
  while (pids.some((pid) => (isLinux ? postgresProcess(pid) : isAlive(pid)))) {
    if (performance.now() > deadline) for (const pid of pids) send(pid, "SIGKILL");
    if (performance.now() > deadline + 5_000) return;
    await sleep(20);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The process has ended, or belongs to another user.
  }
}
