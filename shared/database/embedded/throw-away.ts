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
import { childEnvironment } from "./processes.ts";
import { urlOf } from "./record.ts";
import { type SystemUser, serviceUser } from "./service-user.ts";

/**
 * Runs `work` with the URL of a server of its own, which is gone afterwards, with all its data. It is
 * fast and not durable: a crash of the machine ruins it.
 */
export async function withThrowAwayServer<T>(work: (url: string) => Promise<T>): Promise<T> {
  const user = serviceUser(repository);
  const place = placeIn(emptyFolder(user), user);
  const remove = () => fs.rmSync(place.folder, { recursive: true, force: true, maxRetries: 10 });
  let takeBack = undoOnExit(remove);
  try {
    const cluster = {
      place,
      binaries: await binariesFor(user, path.join(repository, ".postgres")),
    };
    takeBack();
    takeBack = undoOnExit(() => {
      stopNow(cluster);
      remove();
    });
    return await serve(cluster, work);
  } finally {
    takeBack();
    remove();
  }
}

const repository = fileURLToPath(new URL("../../..", import.meta.url));

const notDurable = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };

async function serve<T>(cluster: Cluster, work: (url: string) => Promise<T>): Promise<T> {
  const password = randomBytes(24).toString("hex");
  const port = await explainFileErrors(async () => {
    await createCluster(cluster, password, notDurable);
    return startOnFreePort(cluster);
  });
  try {
    return await work(urlOf({ port, password }));
  } finally {
    await stopCluster(cluster, "immediate");
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
