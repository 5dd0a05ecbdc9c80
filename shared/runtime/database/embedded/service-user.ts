import { readFileSync, realpathSync, type Stats, statSync } from "node:fs";
import path from "node:path";
import { UserError } from "../../user-error.ts";
import { otherServers } from "./binaries.ts";

/** A user of the operating system. */
export type SystemUser = { name: string; uid: number; gid: number };

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The user that the server runs as; undefined for the one that we are. Postgres refuses to run as root,
 * so under root it is the owner of `folder`, or `nobody` where that is root too. initdb looks its user up
 * by number, so only one that has an entry in /etc/passwd will do.
 */
export function serviceUser(folder: string): SystemUser | undefined {
  if (!isRoot()) return undefined;
  const users = readUsers();
  const owner = users.find(({ uid }) => uid !== 0 && uid === statSync(folder).uid);
  const user = owner ?? users.find(({ name }) => name === "nobody");
  if (user) return user;
  throw new UserError(
    `Postgres does not run as root, and this system has no user "nobody" to run it as; ${otherServers}.`,
  );
}

/** The name of the user with this number, for messages. */
export function userName(uid: number): string {
  return readUsers().find((user) => user.uid === uid)?.name ?? `user ${uid}`;
}

function readUsers(): SystemUser[] {
  let lines: string[];
  try {
    lines = readFileSync("/etc/passwd", "utf8").split("\n");
  } catch {
    return [];
  }
  return lines.map((line) => {
    const [name = "", , uid, gid] = line.split(":");
    return { name, uid: Number(uid), gid: Number(gid) };
  });
}

/** Whether `user` gets to `folder` through all the folders above it, and into it. */
export function mayReach(folder: string, user: SystemUser | undefined): boolean {
  if (!user) return true;
  const real = realpathSync(folder);
  for (let step = real; ; step = path.dirname(step)) {
    if (!mayUse(step, user, EXECUTE)) return false;
    if (step === path.dirname(step)) return true;
  }
}

/** Whether `user` may read and run (or, of a folder, list and enter) what is at `file`. */
export function mayRun(file: string, user: SystemUser | undefined): boolean {
  return !user || (mayReach(path.dirname(file), user) && mayUse(file, user, READ | EXECUTE));
}

const READ = 0o4;
const EXECUTE = 0o1;

// By owner and mode alone. Access lists are left out: they are rare, and to be wrong costs a clear error.
function mayUse(file: string, user: SystemUser, bits: number): boolean {
  return (rightsOf(user, statSync(file)) & bits) === bits;
}

/** Its groups are not looked at: a process started as `user` has the first one only. */
function rightsOf({ uid, gid }: SystemUser, { mode, uid: owner, gid: group }: Stats): number {
  if (uid === owner) return mode >> 6;
  return gid === group ? mode >> 3 : mode;
}
