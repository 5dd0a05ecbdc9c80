import { UserError } from "../user-error.ts";
import type { ReservedSql } from "./connect.ts";

/** Returns the URL of another database on the server of `url`. */
export function withDatabase(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = name;
  return other.href;
}

/**
 * Creates a database of the guide if it does not exist. Throws a `UserError` if a database of that name exists that the
 * guide did not create, or that belongs to another role.
 */
export async function createIfMissing(admin: ReservedSql, name: string): Promise<void> {
  const [existing] = await admin`
    select shobj_description(oid, 'pg_database') as comment,
           pg_get_userbyid(datdba) as owner,
           current_user as user
    from pg_database
    where datname = ${name}`;
  if (!existing) {
    await admin`create database ${admin(name)}`;
    await admin.unsafe(`comment on database ${name} is '${OURS}'`);
  } else if (existing.comment !== OURS) {
    throw new UserError(
      `The server already has a database "${name}" that this guide did not create; ` +
        `rename it, or point DATABASE_URL at another server.`,
    );
  } else if (existing.owner !== existing.user) {
    throw new UserError(
      `The database "${name}" belongs to the role "${existing.owner}", and DATABASE_URL names the role "${existing.user}"; ` +
        `use "${existing.owner}" in DATABASE_URL, or as "${existing.owner}" run: drop database ${name}`,
    );
  }
}

/**
 * Converts an error of emptying a database of the guide: returns a `UserError` if a superuser has created an object in it,
 * or has a transaction open there.
 */
export function explainMissingRight(error: Error & { code?: string }, name: string): Error {
  if (error.code !== "42501") return error;
  return new UserError(
    `The role of DATABASE_URL may not empty the database "${name}" (${error.message}); as a superuser run: drop database ${name} with (force)`,
    { cause: error },
  );
}

const OURS = "Made by: Durable execution, the hard way. Emptied at every run of its lesson.";
