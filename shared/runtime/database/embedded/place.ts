import { createHash } from "node:crypto";
import * as fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { UserError } from "../../user-error.ts";
import { elsewherePrefix, giveToOwnerOf, readRecord, type ServerRecord } from "./record.ts";
import { isRoot, mayReach, type SystemUser, serviceUser, userName } from "./service-user.ts";

/** Where a server's files are, and as whom it runs. */
export type Place = {
  folder: string;
  data: string;
  log: string;
  user: SystemUser | undefined;
};

/** Makes the folder `home` if need be, and refuses one that is not ours to use. */
export function prepareHome(home: string): void {
  if (!fs.existsSync(home)) {
    fs.mkdirSync(home, { recursive: true });
    giveToOwnerOf(path.dirname(home), home);
  }
  refuseForeign(home);
  // The service user passes through it to the data; what else is in it, its owner alone can read.
  fs.chmodSync(home, isRoot() ? 0o711 : 0o700);
}

/**
 * The place of the server that was set up for `home`, or the one to set it up in: `home` itself, unless
 * Postgres could not live there. Then it is a folder for temporary files that outlives a reboot.
 */
export function choosePlace(home: string, record: ServerRecord | undefined): Place {
  const real = fs.realpathSync(home);
  const user = serviceUser(real);
  if (record?.elsewhere !== undefined && fs.existsSync(record.elsewhere)) {
    return placeIn(ownFolder(record.elsewhere), user);
  }
  const data = path.join(real, "data");
  const settled = record !== undefined && fs.existsSync(data);
  const folder = settled || isFitFor(real, user) ? real : ownFolder(folderElsewhere(home));
  if (settled && user) refuseUnusable(data, user);
  return placeIn(folder, user);
}

/** Refuses data that the service user cannot use: Postgres would, in words that do not help. */
function refuseUnusable(data: string, user: SystemUser): void {
  const { uid } = fs.statSync(data);
  if (uid === user.uid && mayReach(path.dirname(data), user)) return;
  const reason = uid === user.uid ? "cannot reach it" : `does not own it, ${userName(uid)} does`;
  throw new UserError(
    `Under root the server runs as ${user.name}, but the data is in ${data} and ${user.name} ${reason}. ` +
      "Run this as the user who set it up, or start anew, without the data: `pnpm db reset`.",
  );
}

export function placeIn(folder: string, user: SystemUser | undefined): Place {
  return { folder, data: path.join(folder, "data"), log: path.join(folder, "log"), user };
}

/** The folder for a server that cannot live in `home`: always the same one. */
export function folderElsewhere(home: string): string {
  const clone = fs.realpathSync(path.dirname(home));
  const hash = createHash("sha256").update(clone).digest("hex").slice(0, 12);
  return path.join(temporaryFolder(), `${elsewherePrefix}${hash}`);
}

/** The folders outside of `home` that may hold files of its server. */
export function elsewhereOf(home: string): string[] {
  const usual = folderElsewhere(home);
  const remembered = rememberedElsewhere(home) ?? usual;
  return remembered === usual ? [usual] : [usual, remembered];
}

/** A damaged record says nothing. */
function rememberedElsewhere(home: string): string | undefined {
  try {
    return readRecord(home)?.elsewhere;
  } catch {
    return undefined;
  }
}

/** Every user gets there, and a reboot leaves it alone where the system has such a folder. */
export function temporaryFolder(): string {
  const lasting = "/var/tmp";
  const exists = process.platform !== "win32" && fs.existsSync(lasting);
  return fs.realpathSync(exists ? lasting : os.tmpdir());
}

// initdb and pg_ctl hand paths to the shell, between double quotes.
const unsafeInShell = process.platform === "win32" ? /["%]/ : /["$`\\\n]/;

export function pathIsSafeInShell(folder: string): boolean {
  return !unsafeInShell.test(folder);
}

/** Whether the server of `user` can keep its data in `folder`. */
export function isFitFor(folder: string, user: SystemUser | undefined): boolean {
  return pathIsSafeInShell(folder) && mayReach(folder, user) && keepsOwnerAndMode(folder, user);
}

/** Postgres insists on a private folder; file systems of another system (WSL, Docker) may not know any. */
function keepsOwnerAndMode(folder: string, user: SystemUser | undefined): boolean {
  if (process.platform === "win32") return true;
  const probe = fs.mkdtempSync(path.join(folder, "probe-"));
  try {
    makePrivate(probe, user);
    const { uid, mode } = fs.statSync(probe);
    return (mode & 0o077) === 0 && uid === (user?.uid ?? process.getuid?.());
  } catch {
    return false;
  } finally {
    fs.rmdirSync(probe);
  }
}

/** From here on only the service user (and root) gets into the folder, or at the file. */
export function makePrivate(file: string, user: SystemUser | undefined): void {
  fs.chmodSync(file, fs.statSync(file).isDirectory() ? 0o700 : 0o600);
  if (user) fs.chownSync(file, user.uid, user.gid);
}

/**
 * Makes a folder at a name that anybody could have guessed and taken before us: with a link there, they
 * would choose where we write.
 */
export function ownFolder(folder: string): string {
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const found = fs.lstatSync(folder);
  if (!found.isDirectory() || (process.getuid && found.uid !== process.getuid())) {
    throw new UserError(
      `The server's files belong in ${folder}, but that is not a folder of ours; remove it, then try again.`,
    );
  }
  fs.chmodSync(folder, isRoot() ? 0o711 : 0o700);
  return folder;
}

export function refuseForeign(home: string): void {
  const { uid } = fs.statSync(home);
  if (!process.getuid || isRoot() || uid === process.getuid()) return;
  throw new UserError(
    `${home} belongs to ${userName(uid)}; run this as that user, or delete the folder (with its data) as that user and try again.`,
  );
}
