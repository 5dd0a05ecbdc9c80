import * as fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { binariesFor } from "./binaries-for.ts";
import { isSetUp, stopCluster } from "./cluster.ts";
import { explainFileErrors } from "./file-errors.ts";
import { lockName, type Say, withLock } from "./lock.ts";
import { choosePlace, elsewhereOf, placeIn, prepareHome, refuseForeign } from "./place.ts";
import { findPostmaster } from "./postmaster.ts";
import { readRecord } from "./record.ts";
import { start, urlIfRunning } from "./start-server.ts";
import { stopAll } from "./strays.ts";

export { type CrashableServer, startCrashableServer } from "./crashable.ts";
export { withThrowAwayServer } from "./throw-away.ts";

export type EmbeddedOptions = {
  /** Receives a line for each thing that takes a moment. */
  say?: Say;
  /** The folder that the server belongs to; `.postgres` of this repository if not given. */
  home?: string;
};

export type EmbeddedStatus = {
  state: "running" | "stopped" | "not set up";
  /** The folder that holds the data and the log. */
  folder: string;
  /** Whether that is outside of the home, because Postgres could not live there. */
  elsewhere: boolean;
  /** Undefined if it is not set up. */
  port: number | undefined;
};

const repositoryHome = fileURLToPath(new URL("../../../../.postgres", import.meta.url));

/**
 * The URL of the repository's own server, which is set up and started if need be. It outlives this
 * process, and all processes share it. While it runs this costs a few milliseconds.
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<string> {
  const { home, say } = withDefaults(options);
  return explainFileErrors(async () => {
    const url = await urlIfRunning(home);
    if (url !== undefined) return url;
    prepareHome(home);
    return withLock(home, say, () => start(home, say));
  });
}

/** Stops the server and waits for its end; false if it was not running. */
export async function stopEmbedded(options: EmbeddedOptions = {}): Promise<boolean> {
  const { home, say } = withDefaults(options);
  return explainFileErrors(async () => {
    if (!fs.existsSync(home)) return false;
    refuseForeign(home);
    return withLock(home, say, () => stop(home));
  });
}

/**
 * Stops the server in good order and starts it again, on the same port: all connections end, and what was committed
 * is kept. Returns its URL.
 */
export async function restartEmbedded(options: EmbeddedOptions = {}): Promise<string> {
  const { home, say } = withDefaults(options);
  return explainFileErrors(async () => {
    prepareHome(home);
    return withLock(home, say, async () => {
      await stop(home);
      return start(home, say);
    });
  });
}

export async function embeddedStatus(options: EmbeddedOptions = {}): Promise<EmbeddedStatus> {
  const { home } = withDefaults(options);
  return explainFileErrors(async () => {
    if (fs.existsSync(home)) refuseForeign(home);
    const record = readRecord(home);
    const folder = record?.elsewhere ?? home;
    const place = placeIn(fs.existsSync(folder) ? fs.realpathSync(folder) : folder, undefined);
    if (!record || !isSetUp(place)) {
      return { state: "not set up", folder: home, elsewhere: false, port: undefined };
    }
    const server = await findPostmaster(place.data);
    return {
      state: server ? "running" : "stopped",
      folder: place.folder,
      elsewhere: record.elsewhere !== undefined,
      port: server?.port ?? record.port,
    };
  });
}

/** Stops the server and deletes all it has: data, log, password. The next start sets up an empty one. */
export async function resetEmbedded(options: EmbeddedOptions = {}): Promise<void> {
  const { home, say } = withDefaults(options);
  await explainFileErrors(async () => {
    prepareHome(home);
    await withLock(home, say, () => deleteAll(home));
    removeIfEmpty(home);
  });
}

function withDefaults({ home = repositoryHome, say = () => {} }: EmbeddedOptions) {
  return { home, say };
}

async function stop(home: string): Promise<boolean> {
  const record = readRecord(home);
  if (!record) return false;
  const place = choosePlace(home, record);
  if (!(await findPostmaster(place.data))) return false;
  await stopCluster({ place, binaries: await binariesFor(place.user, home) });
  return true;
}

async function deleteAll(home: string): Promise<void> {
  const elsewhere = elsewhereOf(home).filter((folder) => fs.existsSync(folder));
  for (const folder of [fs.realpathSync(home), ...elsewhere]) {
    await stopAll(path.join(folder, "data"));
  }
  for (const folder of elsewhere) remove(folder);
  // The lock goes last, when it is given back.
  for (const name of fs.readdirSync(home)) if (name !== lockName) remove(path.join(home, name));
}

function remove(file: string): void {
  fs.rmSync(file, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

function removeIfEmpty(folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch {
    // Another process sets up the next server in it.
  }
}
