import * as fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../user-error.ts";
import { type Binaries, otherServers } from "./binaries.ts";
import { undoOnExit } from "./exit.ts";
import { makePrivate, type Place } from "./place.ts";
import { findPostmaster } from "./postmaster.ts";
import { run } from "./run-program.ts";

/** The data folder of a server and the programs that serve it. */
export type Cluster = { place: Place; binaries: Binaries };

/** Setting up happens in a folder of this name; one that is there under the lock is a killed starter's. */
export const setupPrefix = "setup-";

export function isSetUp({ data }: Place): boolean {
  return fs.existsSync(path.join(data, "PG_VERSION"));
}

/**
 * Makes an empty database cluster. It appears at its place when it is complete, so whatever stops us
 * leaves nothing that looks like one.
 */
export async function createCluster(
  { place, binaries }: Cluster,
  password: string,
  settings: Record<string, string | number> = {},
): Promise<void> {
  const setup = fs.mkdtempSync(path.join(place.folder, setupPrefix));
  const removeSetup = () => fs.rmSync(setup, { recursive: true, force: true, maxRetries: 5 });
  const takeBack = undoOnExit(removeSetup);
  try {
    makePrivate(setup, place.user);
    const passwordFile = path.join(setup, "password");
    fs.writeFileSync(passwordFile, password);
    makePrivate(passwordFile, place.user);
    const data = path.join(setup, "data");
    const { succeeded, output } = await run(
      binaries.initdb,
      [...initdbArguments(settings), `--pgdata=${data}`, `--pwfile=${passwordFile}`],
      { cwd: place.folder, user: place.user },
    );
    if (!succeeded) throw failedSetup(output);
    fs.renameSync(data, place.data);
  } finally {
    takeBack();
    removeSetup();
  }
}

function initdbArguments(settings: Record<string, string | number>): string[] {
  const all = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: 200,
    timezone: "UTC",
    ...settings,
  };
  return [
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    ...Object.entries(all).flatMap(([name, value]) => ["--set", `${name}=${value}`]),
  ];
}

const startSeconds = 60;
const leaveSeconds = 15;

/**
 * Starts the server and waits until it takes connections. "port taken" says that another program has
 * the port; everything else that goes wrong is a `UserError`.
 */
export async function startCluster(
  cluster: Cluster,
  port: number,
): Promise<"ready" | "port taken"> {
  const { place, binaries } = cluster;
  const giveUpAt = performance.now() + leaveSeconds * 1_000;
  for (;;) {
    openLog(place);
    const logged = fs.statSync(place.log).size;
    const { succeeded, output } = await run(
      binaries.pgCtl,
      [
        ...["start", "-w", "-t", String(startSeconds)],
        ...["-D", place.data, "-l", place.log, "-o", `-p ${port}`],
      ],
      { cwd: place.folder, user: place.user, outlivesUs: true },
    );
    if (succeeded) return "ready";
    const log = fs.readFileSync(place.log).subarray(logged).toString();
    if (/could not (bind|create any TCP\/IP)/.test(log)) return "port taken";
    // The processes of a server that was killed take a moment to notice.
    const isLeaving = /shared memory block .* is still in use/.test(log);
    if (!isLeaving || performance.now() > giveUpAt) {
      if (await findPostmaster(place.data)) await stopCluster(cluster, "immediate");
      throw failedStart(place, `${output}\n${log}`);
    }
    await sleep(100);
  }
}

/** Stops the server and waits for its end: "fast" writes everything down, "immediate" leaves that to the next start. */
export async function stopCluster(
  { place, binaries }: Cluster,
  mode: "fast" | "immediate" = "fast",
): Promise<void> {
  const { succeeded, output } = await run(
    binaries.pgCtl,
    ["stop", "-w", "-t", "30", "-m", mode, "-D", place.data],
    { cwd: place.folder, user: place.user, outlivesUs: true },
  );
  if (succeeded || !(await findPostmaster(place.data))) return;
  if (mode === "fast") return stopCluster({ place, binaries }, "immediate");
  throw new UserError(`Postgres does not stop (${lastLine(output)}); see its log, ${place.log}.`);
}

/** The server writes its log as the service user, who may not make a file in the home. */
function openLog({ log, user }: Place): void {
  fs.closeSync(fs.openSync(log, "a"));
  makePrivate(log, user);
}

function failedSetup(output: string): UserError {
  if (isDiskFull(output)) return diskFull();
  return new UserError(
    `Postgres could not be set up: ${lastLine(output)}. Mend that and try again, or ${otherServers}.`,
  );
}

function failedStart({ log }: Place, output: string): UserError {
  if (isDiskFull(output)) return diskFull(log);
  return new UserError(
    `Postgres did not start: ${lastLine(output)} (its log is ${log}). Mend that and try again, or start anew, without the data: \`pnpm db reset\`.`,
  );
}

function isDiskFull(output: string): boolean {
  return /No space left on device|Disk quota exceeded/i.test(output);
}

/** Also what our own writes meet. */
export function diskFull(log?: string): UserError {
  const where = log === undefined ? "" : ` (its log is ${log})`;
  return new UserError(
    `The disk is full, and Postgres cannot start${where}; free some space, then try again. \`pnpm db reset\` gives back what its data takes.`,
  );
}

/** The last line that tells why; the last one of all if none does. */
function lastLine(output: string): string {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== "");
  const reasons = lines.filter((line) => /\b(FATAL|PANIC|error|could not|cannot)\b/i.test(line));
  const line = reasons.findLast((reason) => /FATAL|PANIC/.test(reason)) ?? reasons.at(-1);
  return (line ?? lines.at(-1) ?? "it gave no reason").replace(/^.*?\b(FATAL|PANIC): +/, "").trim();
}
