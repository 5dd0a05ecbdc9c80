import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { isAlive } from "../../processes/is-alive.ts";
import { isLinux, postgresProcess, servesData } from "./process-table.ts";

/** The main process of a server, by its `postmaster.pid`. */
export type Postmaster = { pid: number; port: number; ready: boolean };

/** The server that runs on the folder `data`, if one does. */
export async function findPostmaster(data: string): Promise<Postmaster | undefined> {
  const file = readPidFile(data);
  if (!file || (await lifeOf(file, data)) !== "alive") return undefined;
  return { pid: file.pid, port: file.port, ready: file.status === "ready" };
}

/** Whether something listens on the port of this machine. */
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
 * Makes a `postmaster.pid` harmless that a crash left behind and that Postgres would take for that of a running server:
 * another program has its pid by now, or a full disk cut the file short.
 *
 * A file with a pid stays. It also names the shared memory by which Postgres sees that processes of the dead server
 * still run; a server beside them would ruin the data.
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

/** No server needs this long to write those few lines. */
const CUT_SHORT_AFTER_MS = 3_000;

/** Higher than any pid that a system assigns. */
const UNUSED_PID = 2_147_483_646;

type PidFile = { pid: number; startedAt: number; port: number; status: string };

/** Undefined if there is no file, or no pid in it. */
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

/** Whether the server that wrote the file still runs. Systems reuse pids: after a reboot, in a container. */
async function lifeOf(file: PidFile, data: string): Promise<"alive" | "dead" | "unknown"> {
  if (!isAlive(file.pid)) return "dead";
  if (isLinux) {
    const found = postgresProcess(file.pid);
    return found && servesData(found, data) ? "alive" : "dead";
  }
  const bootedAt = Date.now() / 1_000 - os.uptime();
  if (file.startedAt < bootedAt - CLOCK_SLACK_SECONDS) return "dead";
  // It may be starting, or hang, or be another program. Postgres refuses to start beside it.
  return (await canConnect(file.port)) ? "alive" : "unknown";
}

const CLOCK_SLACK_SECONDS = 5;
