import { readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { setupPrefix } from "./cluster.ts";
import { findPostmaster } from "./postmaster.ts";
import { end, postgresProcesses, servesData, worksBelow } from "./process-table.ts";

/**
 * Stops every server on the folder `data` at once: also one that serves a deleted folder of that name,
 * one whose `postmaster.pid` is gone, and what a killed one left running (a long query notices late).
 * Nothing that was committed is lost: the next start recovers it.
 */
export async function stopAll(data: string): Promise<void> {
  const server = await findPostmaster(data);
  const busy = postgresProcesses().filter((found) => found.cwd === data || servesData(found, data));
  const pids = new Set(busy.map(({ pid }) => pid));
  if (server) pids.add(server.pid);
  await end([...pids], "SIGQUIT");
}

/** Ends and removes what a killed starter left half done in `folder`. */
export async function removeSetups(folder: string): Promise<void> {
  const prefix = path.join(folder, setupPrefix);
  const busy = postgresProcesses().filter((found) => worksBelow(found, prefix));
  await end(
    busy.map(({ pid }) => pid),
    "SIGKILL",
  );
  for (const name of readdirSync(folder).filter((name) => name.startsWith(setupPrefix))) {
    // On Windows its initdb may still be at work; then the start after this one removes it.
    rmSync(path.join(folder, name), { recursive: true, force: true, maxRetries: 3 });
  }
}
