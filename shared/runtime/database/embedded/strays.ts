import { readdirSync } from "node:fs";
import path from "node:path";
import { isAlive } from "../../processes/is-alive.ts";
import { dataIn } from "./cluster.ts";
import { remove } from "./file-system.ts";
import { findPostmaster } from "./postmaster.ts";
import { end, postgresProcesses, servesData } from "./process-table.ts";

/** The folder name of a throw-away server is this prefix and the pid of the process that started it. */
export const throwAwayPrefix = "throw-away-";

/**
 * Stops every server on the folder `data` immediately, including a server on a deleted folder of that name, a server whose
 * `postmaster.pid` is gone, and the remaining processes of a killed server: a long query detects that late. No committed
 * data is lost: the next start recovers it.
 */
export async function stopAll(data: string): Promise<void> {
  const server = await findPostmaster(data);
  const busy = postgresProcesses().filter((found) => found.cwd === data || servesData(found, data));
  const pids = new Set(busy.map(({ pid }) => pid));
  if (server) pids.add(server.pid);
  await end([...pids]);
}

/** Stops and removes the throw-away servers of processes that were killed. */
export async function removeLeftBehind(cache: string): Promise<void> {
  for (const name of namesIn(cache, throwAwayPrefix)) {
    if (isAlive(Number.parseInt(name.slice(throwAwayPrefix.length), 10))) continue;
    const folder = path.join(cache, name);
    await stopAll(dataIn(folder));
    remove(folder);
  }
}

export function namesIn(folder: string, prefix: string): string[] {
  return readdirSync(folder).filter((name) => name.startsWith(prefix));
}
