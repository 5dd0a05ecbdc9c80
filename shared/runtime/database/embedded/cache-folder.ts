import { createHash } from "node:crypto";
import * as fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../../user-error.ts";
import { folderMode } from "./file-system.ts";
import { otherServers } from "./postgres-package.ts";
import { isRoot } from "./service-user.ts";

const GUIDE = "durable-execution-the-hard-way";

/** The clone that this file belongs to. */
export const repository = fs.realpathSync.native(
  fileURLToPath(new URL("../../../..", import.meta.url)),
);

/**
 * Returns the folder for all files that the embedded server stores outside of the repository, one for each user and
 * clone. Throws a `UserError` if the system has no suitable place for it.
 */
export function cacheFolder(): string {
  const hash = createHash("sha256").update(repository).digest("hex").slice(0, 12);
  return path.join(guideFolder(cacheCandidates()), hash);
}

/** Returns the folder of the clone's own server in its cache folder. */
export function serverFolder(cache: string): string {
  return path.join(cache, "server");
}

/** The name of the file in a cache folder that contains the path of its clone. */
export const cloneFile = "clone";

/**
 * Returns the first of `folders` that Postgres can use, and creates it if it does not exist. Throws a `UserError` if there
 * is none.
 */
export function guideFolder(folders: string[]): string {
  const usable = folders.find(isUsable);
  if (usable !== undefined) return fs.realpathSync.native(usable);
  throw new UserError(
    `Postgres cannot store its data in ${folders.join(" or in ")}: the folder must be private, owned by you, and writable; ${otherServers}.`,
  );
}

/** The system's cache folder, then a temporary folder, for users without a writable home. */
export function cacheCandidates(): string[] {
  // Under root the server runs as another user, who cannot enter root's home.
  if (isRoot()) {
    const caches = process.platform === "darwin" ? "/Library/Caches" : "/var/cache";
    return [path.join(caches, GUIDE), `/tmp/${GUIDE}-0`];
  }
  const name = `${GUIDE}-${process.getuid?.() ?? "user"}`;
  return [path.join(userCaches(), GUIDE), path.join(os.tmpdir(), name)];
}

function userCaches(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA = "" } = process.env;
  if (XDG_CACHE_HOME) return XDG_CACHE_HOME;
  switch (process.platform) {
    case "win32":
      return LOCALAPPDATA;
    case "darwin":
      return path.join(home(), "Library/Caches");
    default:
      return path.join(home(), ".cache");
  }
}

/** Returns an empty string for a user without a home. */
function home(): string {
  try {
    return os.homedir();
  } catch {
    return "";
  }
}

const isWindows = process.platform === "win32";

// initdb and pg_ctl pass paths to the shell, in double quotes.
const unsafeInShell = isWindows ? /["%]/ : /["$`\\\n]/;

function isUsable(folder: string): boolean {
  if (!path.isAbsolute(folder) || unsafeInShell.test(folder)) return false;
  try {
    fs.mkdirSync(folder, { recursive: true });
    // In a temporary folder, another user can create the name first. With a symbolic link, they would choose where we write.
    const found = fs.lstatSync(folder);
    if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) return false;
    fs.chmodSync(folder, folderMode());
    // Postgres requires private folders, which the disks of a host system (WSL, Docker) may not support.
    return isWindows || (fs.statSync(folder).mode & 0o777) === folderMode();
  } catch {
    return false;
  }
}
