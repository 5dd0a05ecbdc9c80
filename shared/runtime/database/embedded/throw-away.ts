import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { binariesFor } from "./binaries-for.ts";
import { type Cluster, createCluster, stopCluster } from "./cluster.ts";
import { undoOnExit } from "./exit.ts";
import { explainFileErrors } from "./file-errors.ts";
import { isFitFor, placeIn, temporaryFolder } from "./place.ts";
import { startOnFreePort } from "./ports.ts";
import { urlOf } from "./record.ts";
import { childEnvironment } from "./run-program.ts";
import { type SystemUser, serviceUser } from "./service-user.ts";

/** A server of which nothing is left after `remove()`, and after the end of this process. */
export type ThrowAwayServer = {
  cluster: Cluster;
  port: number;
  url: string;
  remove(): Promise<void>;
};

/**
 * Runs `work` with the URL of a server of its own, which is gone afterwards, with all its data. It is
 * fast and not durable: a crash, even of the server alone, loses what was committed.
 */
export async function withThrowAwayServer<T>(work: (url: string) => Promise<T>): Promise<T> {
  const server = await startThrowAwayServer({ synchronous_commit: "off" });
  try {
    return await work(server.url);
  } finally {
    await server.remove();
  }
}

const repository = fileURLToPath(new URL("../../../..", import.meta.url));

// Enough as long as the system stays up, as what was written is in its hands.
const notDurable = { fsync: "off", full_page_writes: "off" };

export async function startThrowAwayServer(
  settings: Record<string, string | number> = {},
): Promise<ThrowAwayServer> {
  const user = serviceUser(repository);
  const place = placeIn(emptyFolder(user), user);
  const removeFolder = () =>
    fs.rmSync(place.folder, { recursive: true, force: true, maxRetries: 10 });
  let takeBack = undoOnExit(removeFolder);
  const forget = () => {
    takeBack();
    removeFolder();
  };
  try {
    const cluster = {
      place,
      binaries: await binariesFor(user, path.join(repository, ".postgres")),
    };
    takeBack();
    takeBack = undoOnExit(() => {
      stopNow(cluster);
      removeFolder();
    });
    const password = randomBytes(24).toString("hex");
    const port = await explainFileErrors(async () => {
      await createCluster(cluster, password, { ...notDurable, ...settings });
      return startOnFreePort(cluster);
    });
    const remove = () => stopCluster(cluster, "immediate").finally(forget);
    return { cluster, port, url: urlOf({ port, password }), remove };
  } catch (error) {
    forget();
    throw error;
  }
}

/** Where the system keeps such folders, if the server can live there. */
function emptyFolder(user: SystemUser | undefined): string {
  const folder = newFolder(os.tmpdir());
  if (isFitFor(folder, user)) return folder;
  fs.rmdirSync(folder);
  return newFolder(temporaryFolder());
}

function newFolder(parent: string): string {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(parent), "durable-throw-away-"));
  fs.chmodSync(folder, 0o711);
  return folder;
}

/** A server that has only begun to start has no pid file yet; without its folder it ends by itself. */
function stopNow({ place, binaries }: Cluster): void {
  const { folder, data, user } = place;
  spawnSync(binaries.pgCtl, ["stop", "-w", "-m", "immediate", "-D", data], {
    cwd: folder,
    env: childEnvironment(),
    stdio: "ignore",
    windowsHide: true,
    ...(user && { uid: user.uid, gid: user.gid }),
  });
}
