import * as fs from "node:fs";
import path from "node:path";
import { cacheFolder, repository, serverFolder } from "./cache-folder.ts";
import { clusterIn, dataIn, isSetUp, stopCluster } from "./cluster.ts";
import { explainFileErrors } from "./failures.ts";
import { makeFolder } from "./file-system.ts";
import { type Say, withLock } from "./lock.ts";
import { findPostmaster } from "./postmaster.ts";
import { preparePrograms } from "./programs.ts";
import { readRecord } from "./record.ts";
import { deleteServer, deleteUnused } from "./reset.ts";
import { start, urlIfRunning } from "./start-server.ts";

export { type CrashableServer, startCrashableServer } from "./crashable.ts";
export { newThrowAwayFolder, withThrowAwayServer } from "./throw-away.ts";

export type EmbeddedOptions = {
  /** Receives a line for each operation that takes a moment. */
  say?: Say;
  /** The folder of the server's data, log and password. Default: the folder of the repository's own server. */
  folder?: string;
};

export type EmbeddedStatus = {
  state: "running" | "stopped" | "not set up";
  folder: string;
  /** Undefined if the server is not set up. */
  port: number | undefined;
};

/**
 * Returns the URL of the repository's own server. Sets up and starts the server if it is not running; if it is, this takes
 * a few milliseconds. The server outlives this process, and all processes share it.
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<string> {
  return explainFileErrors(async () => {
    const { folder, say } = withDefaults(options);
    const url = await urlIfRunning(folder);
    if (url !== undefined) return url;
    makeFolder(folder);
    return withLock(folder, say, () => start(folder, say));
  });
}

/** Stops the server and waits until it has ended. Returns false if it was not running. */
export async function stopEmbedded(options: EmbeddedOptions = {}): Promise<boolean> {
  return explainFileErrors(async () => {
    const { folder, say } = withDefaults(options);
    return fs.existsSync(folder) && withLock(folder, say, () => stop(folder, say));
  });
}

/**
 * Shuts the server down cleanly and starts it again on the same port: all connections end, and all committed data is kept.
 * Returns its URL.
 */
export async function restartEmbedded(options: EmbeddedOptions = {}): Promise<string> {
  return explainFileErrors(async () => {
    const { folder, say } = withDefaults(options);
    makeFolder(folder);
    return withLock(folder, say, async () => {
      await stop(folder, say);
      return start(folder, say);
    });
  });
}

export async function embeddedStatus(options: EmbeddedOptions = {}): Promise<EmbeddedStatus> {
  return explainFileErrors(async () => {
    const { folder } = withDefaults(options);
    const record = readRecord(folder);
    if (!record || !isSetUp(dataIn(folder))) {
      return { state: "not set up", folder, port: undefined };
    }
    const server = await findPostmaster(dataIn(folder));
    return { state: server ? "running" : "stopped", folder, port: server?.port ?? record.port };
  });
}

/** The former folder of the repository's own server, from before it had a cache folder. */
const OLD_FOLDER = path.join(repository, ".postgres");

/**
 * Stops the server and deletes its data, log and password; the next start sets up an empty one. For the repository's own
 * server, also deletes everything else in the cache folder that no server needs, including that of deleted clones.
 */
export async function resetEmbedded(options: EmbeddedOptions = {}): Promise<void> {
  await explainFileErrors(async () => {
    const { folder, say } = withDefaults(options);
    await deleteServer(folder, say);
    if (options.folder !== undefined) return;
    if (fs.existsSync(OLD_FOLDER)) await deleteServer(OLD_FOLDER, say);
    await deleteUnused(cacheFolder(), say);
  });
}

function withDefaults({ folder, say = () => {} }: EmbeddedOptions) {
  return { folder: folder ?? serverFolder(cacheFolder()), say };
}

async function stop(folder: string, say: Say): Promise<boolean> {
  if (!(await findPostmaster(dataIn(folder)))) return false;
  await stopCluster(clusterIn(folder, await preparePrograms(say)));
  return true;
}
