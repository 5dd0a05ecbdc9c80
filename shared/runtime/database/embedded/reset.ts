import * as fs from "node:fs";
import path from "node:path";
import { cloneFile, serverFolder } from "./cache-folder.ts";
import { dataIn } from "./cluster.ts";
import { makeFolder, remove } from "./file-system.ts";
import { lockName, type Say, withLock } from "./lock.ts";
import { namesIn, removeLeftBehind, stopAll, throwAwayPrefix } from "./strays.ts";

/** Stops the server in `folder` and deletes all its files. */
export async function deleteServer(folder: string, say: Say): Promise<void> {
  makeFolder(folder);
  await withLock(folder, say, async () => {
    await stopAll(dataIn(folder));
    empty(folder);
  });
  removeIfEmpty(folder);
}

/** Deletes the rest of `cache`, and the cache folders of clones that no longer exist, unless a server needs them. */
export async function deleteUnused(cache: string, say: Say): Promise<void> {
  if (!fs.existsSync(cache)) return;
  await removeLeftBehind(cache);
  const isUsed = fs.existsSync(serverFolder(cache)) || namesIn(cache, throwAwayPrefix).length > 0;
  if (!isUsed) {
    await withLock(cache, say, async () => empty(cache));
    removeIfEmpty(cache);
  }
  const guide = path.dirname(cache);
  for (const name of fs.readdirSync(guide)) await deleteIfGone(path.join(guide, name), say);
  removeIfEmpty(guide);
}

async function deleteIfGone(cache: string, say: Say): Promise<void> {
  const file = path.join(cache, cloneFile);
  const clone = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : cache;
  if (fs.existsSync(clone)) return;
  await stopAll(dataIn(serverFolder(cache)));
  remove(cache);
  say(`Also deleted: Postgres of ${clone} and all its data, as that folder no longer exists.`);
}

/** The lock is deleted last, when it is released. */
function empty(folder: string): void {
  for (const name of fs.readdirSync(folder)) if (name !== lockName) remove(path.join(folder, name));
}

function removeIfEmpty(folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch {
    // Another process is setting up the next server in it.
  }
}
