import { createHash } from "node:crypto";
import * as fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../../user-error.ts";
import { folderMode } from "./files.ts";
import { otherServers } from "./postgres-package.ts";
import { isRoot } from "./service-user.ts";

const GUIDE = "durable-execution-the-hard-way";

/** The clone that this file belongs to. */
export const repository = fs.realpathSync.native(
  fileURLToPath(new URL("../../../..", import.meta.url)),
);

/**
 * The folder for everything that the embedded server keeps outside of the repository. Each user has one for each
 * clone. Throws a `UserError` if the system has no place for it.
 */
export function cacheFolder(): string {
  const hash = createHash("sha256").update(repository).digest("hex").slice(0, 12);
  return path.join(guideFolder(cacheCandidates()), hash);
}

/** The folder of the clone's own server in its cache folder. */
export function serverFolder(cache: string): string {
  return path.join(cache, "server");
}

/** The name of the file in a cache folder that holds the path of its clone. */
export const cloneFile = "clone";

/**
 * The first of `folders` that Postgres can live in. It is created if need be. Throws a `UserError` if there is none.
 */
export function guideFolder(folders: string[]): string {
  const usable = folders.find(isUsable);
  if (usable !== undefined) return fs.realpathSync.native(usable);
  throw new UserError(
    `Postgres cannot keep its data in ${folders.join(" nor in ")}: such a folder must be yours and private, on a disk that can be written; ${otherServers}.`,
  );
}

/** Where the system keeps caches; then a temporary folder, for users without a home that they can write to. */
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

/** Empty for a user without a home. */
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
    // In a temporary folder, another user can take the name first. With a link there, they would choose where we write.
    const found = fs.lstatSync(folder);
    if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) return false;
    fs.chmodSync(folder, folderMode());
    // Postgres insists on private folders, which the disks of a host system (WSL, Docker) may not have.
    return isWindows || (fs.statSync(folder).mode & 0o777) === folderMode();
  } catch {
    return false;
  }
}
