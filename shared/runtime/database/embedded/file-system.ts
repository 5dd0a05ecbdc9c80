import * as fs from "node:fs";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import { isRoot, type SystemUser } from "./service-user.ts";

/**
 * Copies a folder, and makes `user` the owner of the copy. Where the file system supports it, the copies share blocks with
 * the originals. This takes half the CPU time of Node's `cpSync`, and a sixth of that of its `cp`.
 */
export async function copyFolder(
  from: string,
  to: string,
  user: SystemUser | undefined,
): Promise<void> {
  const give = (file: string) => user && fs.lchownSync(file, user.uid, user.gid);
  fs.mkdirSync(to, { recursive: true, mode: fs.statSync(from).mode });
  give(to);
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) {
      await copyFolder(source, target, user);
      continue;
    }
    if (entry.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(source), target);
    else fs.copyFileSync(source, target, fs.constants.COPYFILE_FICLONE);
    give(target);
  }
  // On a slow disk, the lock must be renewed during the copy.
  await setImmediate();
}

/** Creates a folder for a server if it does not exist. Under root, the service user can traverse it to reach the data. */
export function makeFolder(folder: string): void {
  fs.mkdirSync(folder, { recursive: true });
  fs.chmodSync(folder, folderMode());
}

export function folderMode(): number {
  return isRoot() ? 0o711 : 0o700;
}

/** Makes `user` the owner of the file, and lets only them (and root) read it. */
export function makePrivate(file: string, user: SystemUser | undefined): void {
  fs.chmodSync(file, 0o600);
  if (user) fs.chownSync(file, user.uid, user.gid);
}

export function remove(file: string): void {
  fs.rmSync(file, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
