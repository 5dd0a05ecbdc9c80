import * as fs from "node:fs";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import { isRoot, type SystemUser } from "./service-user.ts";

/**
 * Copies a folder, and makes `user` the owner of the copy. If the file system can, the copies share the blocks of their
 * originals. It takes half the CPU time of Node's `cpSync`, and a sixth of that of its `cp`.
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
  // On a slow disk, the lock has to be renewed meanwhile.
  await setImmediate();
}

/** Creates a folder for a server if need be. Under root, the service user can pass through it to the data. */
export function makeFolder(folder: string): void {
  fs.mkdirSync(folder, { recursive: true });
  fs.chmodSync(folder, folderMode());
}

export function folderMode(): number {
  return isRoot() ? 0o711 : 0o700;
}

/** From now on only `user` (and root) can read the file. */
export function makePrivate(file: string, user: SystemUser | undefined): void {
  fs.chmodSync(file, 0o600);
  if (user) fs.chownSync(file, user.uid, user.gid);
}

export function remove(file: string): void {
  fs.rmSync(file, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
