import { readFileSync } from "node:fs";
import { UserError } from "../../user-error.ts";
import { otherServers } from "./postgres-package.ts";

/** A user of the operating system. */
export type SystemUser = { name: string; uid: number; gid: number };

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** In order of preference. On macOS, `nobody` has the uid -2, which Node does not accept. */
const NAMES = ["nobody", "daemon"];

/**
 * Returns the user that the server runs as; undefined for the current user. Postgres refuses to run as root, so root runs
 * it as an unprivileged user. initdb looks up its user by uid, so the user must have an entry in /etc/passwd.
 */
export function serviceUser(): SystemUser | undefined {
  if (!isRoot()) return undefined;
  const users = readUsers();
  for (const wanted of NAMES) {
    const user = users.find(({ name, uid }) => name === wanted && uid > 0);
    if (user) return user;
  }
  throw new UserError(
    `Postgres does not run as root, and this system has no user "nobody" to run it as; ${otherServers}.`,
  );
}

function readUsers(): SystemUser[] {
  return readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => {
      const [name = "", , uid, gid] = line.split(":");
      return { name, uid: Number(uid), gid: Number(gid) };
    });
}
