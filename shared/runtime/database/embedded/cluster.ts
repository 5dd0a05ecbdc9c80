import * as fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../user-error.ts";
import { failedSetup, failedStart, lastLine } from "./failures.ts";
import { copyFolder, makePrivate, remove } from "./file-system.ts";
import { findPostmaster } from "./postmaster.ts";
import type { Programs } from "./programs.ts";
import { run } from "./run-program.ts";

/** The files of a server and the programs that run it. */
export type Cluster = { folder: string; data: string; log: string; programs: Programs };

export function clusterIn(folder: string, programs: Programs): Cluster {
  return { folder, data: dataIn(folder), log: path.join(folder, "log"), programs };
}

export function dataIn(folder: string): string {
  return path.join(folder, "data");
}

export function isSetUp(data: string): boolean {
  return fs.existsSync(path.join(data, "PG_VERSION"));
}

export type Settings = Record<string, string | number>;

/**
 * Copies the template. The data folder is renamed into place when it is complete, so a killed process leaves no partial
 * data folder. All copies share one system identifier, which matters only to replication.
 */
export async function createCluster(cluster: Cluster, settings: Settings = {}): Promise<void> {
  const { data, programs } = cluster;
  const draft = `${data}.new`;
  remove(draft);
  try {
    await copyFolder(programs.template, draft, programs.user);
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
    fs.appendFileSync(path.join(draft, "postgresql.conf"), lines.join(""));
    if (settings.fsync !== "off") await flush(draft, cluster);
    fs.renameSync(draft, data);
  } finally {
    remove(draft);
  }
}

/** Flushes the files to disk: the server flushes only the files that it changes. */
async function flush(data: string, { folder, programs }: Cluster): Promise<void> {
  const { succeeded, output } = await run(programs.initdb, ["--sync-only", `--pgdata=${data}`], {
    cwd: folder,
    user: programs.user,
  });
  if (!succeeded) throw failedSetup(output);
}

const START_SECONDS = 60;
const LEAVE_SECONDS = 15;

/**
 * Starts the server and waits until it accepts connections. Returns "port taken" if another program uses the port.
 * Throws a `UserError` for any other failure.
 */
export async function startCluster(
  cluster: Cluster,
  port: number,
): Promise<"ready" | "port taken"> {
  const { folder, data, log, programs } = cluster;
  const giveUpAt = performance.now() + LEAVE_SECONDS * 1_000;
  for (;;) {
    openLog(cluster);
    const logged = fs.statSync(log).size;
    const { succeeded, output } = await run(
      programs.pgCtl,
      ["start", "-w", "-t", String(START_SECONDS), "-D", data, "-l", log, "-o", `-p ${port}`],
      { cwd: folder, user: programs.user, outlivesUs: true },
    );
    if (succeeded) return "ready";
    const news = fs.readFileSync(log).subarray(logged).toString();
    if (/could not (bind|create any TCP\/IP)/.test(news)) return "port taken";
    // The child processes of a killed server take a moment to exit.
    const isLeaving = /shared memory block .* is still in use/.test(news);
    if (!isLeaving || performance.now() > giveUpAt) {
      if (await findPostmaster(data)) await stopCluster(cluster, "immediate");
      throw failedStart(log, `${output}\n${news}`);
    }
    await sleep(100);
  }
}

/**
 * Stops the server and waits until it has ended. "fast" ends all connections and shuts down cleanly; after "immediate",
 * the next start recovers all committed data. Default: "fast".
 */
export async function stopCluster(
  cluster: Cluster,
  mode: "fast" | "immediate" = "fast",
): Promise<void> {
  const { folder, data, log, programs } = cluster;
  const { succeeded, output } = await run(
    programs.pgCtl,
    ["stop", "-w", "-t", "30", "-m", mode, "-D", data],
    { cwd: folder, user: programs.user, outlivesUs: true },
  );
  if (succeeded || !(await findPostmaster(data))) return;
  if (mode === "fast") return stopCluster(cluster, "immediate");
  throw new UserError(`Postgres did not stop (${lastLine(output)}); see its log, ${log}.`);
}

/** Creates the log file: the server writes it as the service user, who cannot create files in the folder. */
function openLog({ log, programs }: Cluster): void {
  fs.closeSync(fs.openSync(log, "a"));
  makePrivate(log, programs.user);
}
