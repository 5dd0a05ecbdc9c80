import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import path from "node:path";
import { cacheFolder } from "./cache-folder.ts";
import { type Cluster, clusterIn, createCluster, type Settings, stopCluster } from "./cluster.ts";
import { undoOnExit } from "./exit.ts";
import { explainFileErrors } from "./failures.ts";
import { makeFolder, remove } from "./file-system.ts";
import { startOnFreePort } from "./ports.ts";
import { preparePrograms } from "./programs.ts";
import { urlOf } from "./record.ts";
import { childEnvironment } from "./run-program.ts";
import { removeLeftBehind, throwAwayPrefix } from "./strays.ts";

/** A server whose processes and files are removed by `remove()` and when this process ends. */
export type ThrowAwayServer = {
  cluster: Cluster;
  port: number;
  url: string;
  remove(): Promise<void>;
};

/**
 * Runs `work` with the URL of a new server, which is deleted afterwards with all its data. The server is
 * fast but not durable: a crash, even of the server alone, loses committed data. Returns the result of `work`.
 */
export async function withThrowAwayServer<T>(work: (url: string) => Promise<T>): Promise<T> {
  const server = await startThrowAwayServer({ synchronous_commit: "off" });
  try {
    return await work(server.url);
  } finally {
    await server.remove();
  }
}

// Sufficient unless the operating system crashes: it has everything that was written.
const NOT_DURABLE = { fsync: "off", full_page_writes: "off" };

export function startThrowAwayServer(settings: Settings = {}): Promise<ThrowAwayServer> {
  return explainFileErrors(async () => {
    const programs = await preparePrograms(() => {});
    const cluster = clusterIn(await newThrowAwayFolder(), programs);
    const takeBack = undoOnExit(() => {
      stopNow(cluster);
      remove(cluster.folder);
    });
    const forget = () => {
      takeBack();
      remove(cluster.folder);
    };
    try {
      await createCluster(cluster, { ...NOT_DURABLE, ...settings });
      const port = await startOnFreePort(cluster);
      return {
        cluster,
        port,
        url: urlOf({ port, password: programs.password }),
        remove: () => stopCluster(cluster, "immediate").finally(forget),
      };
    } catch (error) {
      forget();
      throw error;
    }
  });
}

/** Creates a folder for a server of this process, and deletes the folders of killed processes. */
export async function newThrowAwayFolder(): Promise<string> {
  const cache = cacheFolder();
  makeFolder(cache);
  await removeLeftBehind(cache);
  const folder = fs.mkdtempSync(path.join(cache, `${throwAwayPrefix}${process.pid}-`));
  makeFolder(folder);
  return folder;
}

/** A server that is just starting has no pid file yet. Without its folder, it exits by itself. */
function stopNow({ folder, data, programs: { pgCtl, user } }: Cluster): void {
  spawnSync(pgCtl, ["stop", "-w", "-m", "immediate", "-D", data], {
    cwd: folder,
    env: childEnvironment(),
    stdio: "ignore",
    windowsHide: true,
    ...(user && { uid: user.uid, gid: user.gid }),
  });
}
