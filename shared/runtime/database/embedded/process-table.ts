import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A process of Postgres, as Linux shows it; no other system shows as much without a program to ask. */
export type PostgresProcess = {
  pid: number;
  args: string[];
  /** Where it works. A server works in its data folder, and Linux follows that when it is renamed. */
  cwd: string;
};

export const isLinux = process.platform === "linux";

/** Whether there is a process of this pid, whosever it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Whether the process is the server (not one of its helpers) on the folder `data`, deleted or not. */
export function servesData({ args, cwd }: PostgresProcess, data: string): boolean {
  const given = args[args.indexOf("-D") + 1];
  return args.includes("-D") && (given === data || cwd === data);
}

/** Whether the process sets up a server in a folder whose path begins with `prefix`. */
export function worksBelow({ args, cwd }: PostgresProcess, prefix: string): boolean {
  return cwd.startsWith(prefix) || args.some((arg) => arg.startsWith(prefix));
}

/** All processes of Postgres; none on other systems than Linux. */
export function postgresProcesses(): PostgresProcess[] {
  if (!isLinux) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => postgresProcess(Number(pid)) ?? []);
}

/** The process of this pid; undefined if it is none of Postgres, or a dead one that nobody buried. */
export function postgresProcess(pid: number): PostgresProcess | undefined {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    if (!/^(postgres|initdb)\b/.test(path.basename(args[0] ?? ""))) return undefined;
    return { pid, args, cwd: readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, "") };
  } catch {
    return undefined;
  }
}

/** Sends the signal and waits until the processes are gone; kills those that take more than 5 s. */
export async function end(pids: number[], signal: "SIGQUIT" | "SIGKILL"): Promise<void> {
  for (const pid of pids) send(pid, signal);
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
    // It is gone already, or not ours.
  }
}
