import { readFileSync } from "node:fs";
import { UserError } from "../../user-error.ts";
import { otherServers } from "./postgres-package.ts";

/** A user of the operating system. */
export type SystemUser = { name: string; uid: number; gid: number };

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** In this order. The `nobody` of macOS has the number -2, which Node does not accept. */
const NAMES = ["nobody", "daemon"];

/**
 * The user that the server runs as; undefined for ourselves. Postgres refuses to run as root, so under root it is a
 * user without rights. initdb looks its user up by number, so it must have an entry in /etc/passwd.
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
