import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { UserError } from "../../user-error.ts";

/** The record of a server that survives between starts, in `server.json` in its folder. */
export type ServerRecord = { port: number; password: string };

/** Returns undefined if no server was set up. Throws a `UserError` if the file is damaged. */
export function readRecord(folder: string): ServerRecord | undefined {
  const file = recordFile(folder);
  if (!existsSync(file)) return undefined;
  const record = parse(readFileSync(file, "utf8"));
  if (record) return record;
  throw new UserError(`${file} is damaged; \`pnpm db reset\` deletes all data and starts over.`);
}

/** A crash leaves the old record or the new one. Only the owner can read it, as it contains the password. */
export function writeRecord(folder: string, record: ServerRecord): void {
  const file = recordFile(folder);
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}

export function urlOf({ port, password }: ServerRecord): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
}

function recordFile(folder: string): string {
  return path.join(folder, "server.json");
}

function parse(text: string): ServerRecord | undefined {
  try {
    const { port, password } = JSON.parse(text);
    if (typeof port !== "number" || typeof password !== "string") return undefined;
    return { port, password };
  } catch {
    return undefined;
  }
}
