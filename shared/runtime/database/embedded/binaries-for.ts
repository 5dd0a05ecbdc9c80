import * as fs from "node:fs";
import path from "node:path";
import { type Binaries, findBinaries, inFolder } from "./binaries.ts";
import { folderElsewhere, ownFolder, pathIsSafeInShell } from "./place.ts";
import { mayRun, type SystemUser } from "./service-user.ts";

/**
 * The programs of Postgres, where `user` can run them. A package below `/root` is out of reach for
 * everybody else, so then it is a copy (60 MB), made once in the same folder as a server that cannot
 * live in `home`.
 */
export async function binariesFor(user: SystemUser | undefined, home: string): Promise<Binaries> {
  const installed = await findBinaries();
  if (isRunnable(installed, user)) return installed;
  const folder = path.join(ownFolder(folderElsewhere(home)), `postgres-${installed.version}`);
  if (!fs.existsSync(folder)) copy(installed.folder, folder);
  return inFolder(installed, folder);
}

function isRunnable({ initdb, pgCtl, postgres, folder }: Binaries, user: SystemUser | undefined) {
  const needed = [initdb, pgCtl, postgres, path.join(folder, "lib"), path.join(folder, "share")];
  return pathIsSafeInShell(folder) && needed.every((file) => mayRun(file, user));
}

/** The copy appears when it is complete; of two that are made at once, the first one stays. */
function copy(from: string, to: string): void {
  const draft = fs.mkdtempSync(`${to}-`);
  try {
    fs.cpSync(from, draft, { recursive: true, verbatimSymlinks: true });
    openToAll(draft);
    fs.renameSync(draft, to);
  } catch (error) {
    if (!fs.existsSync(to)) throw error;
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
}

function openToAll(file: string): void {
  const found = fs.lstatSync(file);
  if (found.isSymbolicLink()) return;
  const runnable = found.isDirectory() || (found.mode & 0o100) !== 0;
  fs.chmodSync(file, runnable ? 0o755 : 0o644);
  if (!found.isDirectory()) return;
  for (const name of fs.readdirSync(file)) openToAll(path.join(file, name));
}
