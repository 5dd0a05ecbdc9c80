import { chownSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { UserError } from "../../user-error.ts";
import { isRoot } from "./service-user.ts";

/** What is remembered of the server between two starts, in `server.json` of its home. */
export type ServerRecord = {
  port: number;
  password: string;
  /** The folder that holds the server's files, where that is not the home itself. */
  elsewhere?: string;
};

/** How the names of folders begin that hold what a home cannot. */
export const elsewherePrefix = "durable-postgres-";

/** Undefined where no server was ever set up. */
export function readRecord(home: string): ServerRecord | undefined {
  const file = recordFile(home);
  if (!existsSync(file)) return undefined;
  const record = parse(readFileSync(file, "utf8"));
  if (record) return record;
  throw new UserError(`${file} is damaged; \`pnpm db reset\` starts anew, without the data.`);
}

/** A crash leaves the old record or the new one. Only the owner can read it: it holds the password. */
export function writeRecord(home: string, record: ServerRecord): void {
  const file = recordFile(home);
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  giveToOwnerOf(home, draft);
  renameSync(draft, file);
}

/** Of what root makes in somebody else's folder, that somebody is the owner. */
export function giveToOwnerOf(folder: string, file: string): void {
  if (!isRoot()) return;
  const { uid, gid } = statSync(folder);
  chownSync(file, uid, gid);
}

export function urlOf({ port, password }: ServerRecord): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
}

function recordFile(home: string): string {
  return path.join(home, "server.json");
}

function parse(text: string): ServerRecord | undefined {
  try {
    const { port, password, elsewhere } = JSON.parse(text);
    if (typeof port !== "number" || typeof password !== "string") return undefined;
    if (elsewhere === undefined) return { port, password };
    // A reset deletes that folder, so it must be one that we made.
    if (!path.basename(String(elsewhere)).startsWith(elsewherePrefix)) return undefined;
    return { port, password, elsewhere };
  } catch {
    return undefined;
  }
}
