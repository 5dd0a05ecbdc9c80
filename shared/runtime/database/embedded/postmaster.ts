import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { isAlive } from "../../processes/is-alive.ts";
import { isLinux, postgresProcess, servesData } from "./process-table.ts";

/** The main process of a server, as described in its `postmaster.pid`. */
export type Postmaster = { pid: number; port: number; ready: boolean };

/** Returns the server that is running on the folder `data`; undefined if there is none. */
export async function findPostmaster(data: string): Promise<Postmaster | undefined> {
  const file = readPidFile(data);
  if (!file || (await lifeOf(file, data)) !== "alive") return undefined;
  return { pid: file.pid, port: file.port, ready: file.status === "ready" };
}

/** Returns true if a program is listening on this port of 127.0.0.1. */
export function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: "127.0.0.1", port, timeout: 2_000 });
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => finish(true));
    socket.on("error", () => finish(false));
    socket.on("timeout", () => finish(false));
  });
}

/**
 * Neutralises a `postmaster.pid` that a crash left behind and that Postgres would attribute to a running server: another
 * program has its pid by now, or a full disk truncated the file.
 *
 * A file with a pid is not deleted. It also names the shared memory by which Postgres detects that child processes of the
 * dead server are still running; a second server beside them would corrupt the data.
 */
export async function clearStalePidFile(data: string): Promise<void> {
  const name = pidFile(data);
  const file = readPidFile(data);
  if (!file) {
    const age = Date.now() - (statSync(name, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > CUT_SHORT_AFTER_MS) rmSync(name, { force: true });
  } else if (isAlive(file.pid) && (await lifeOf(file, data)) === "dead") {
    const [, ...others] = readFileSync(name, "utf8").split("\n");
    writeFileSync(name, [UNUSED_PID, ...others].join("\n"));
  }
}

/** A server writes these few lines in much less time. */
const CUT_SHORT_AFTER_MS = 3_000;

/** Higher than any pid that an operating system assigns. */
const UNUSED_PID = 2_147_483_646;

type PidFile = { pid: number; startedAt: number; port: number; status: string };

/** Returns undefined if there is no file, or no pid in it. */
function readPidFile(data: string): PidFile | undefined {
  let lines: string[];
  try {
    lines = readFileSync(pidFile(data), "utf8").split(/\r?\n/);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const [pid = "", , startedAt, port, , , , status = ""] = lines;
  if (!/^[1-9]\d*$/.test(pid)) return undefined;
  return {
    pid: Number(pid),
    startedAt: Number(startedAt),
    port: Number(port),
    status: status.trim(),
  };
}

function pidFile(data: string): string {
  return path.join(data, "postmaster.pid");
}

/** Returns whether the server that wrote the file is still running. Pids are reused, as after a reboot or in a container. */
async function lifeOf(file: PidFile, data: string): Promise<"alive" | "dead" | "unknown"> {
  if (!isAlive(file.pid)) return "dead";
  if (isLinux) {
    const found = postgresProcess(file.pid);
    return found && servesData(found, data) ? "alive" : "dead";
  }
  const bootedAt = Date.now() / 1_000 - os.uptime();
  if (file.startedAt < bootedAt - CLOCK_SLACK_SECONDS) return "dead";
  // The process may be a server that is starting or hanging, or another program. Postgres refuses to start beside it.
  return (await canConnect(file.port)) ? "alive" : "unknown";
}

const CLOCK_SLACK_SECONDS = 5;
