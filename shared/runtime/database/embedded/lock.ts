import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../user-error.ts";

/** Receives the lines that say what is going on. */
export type Say = (line: string) => void;

/** How long the others wait for the lock of a process that was killed. */
const staleMs = 4_000;
const sayWaitingAfterMs = 1_000;
const giveUpAfterMs = 180_000;

/** Runs `work` while no other process runs any under the lock of `folder`. */
export async function withLock<T>(folder: string, say: Say, work: () => Promise<T>): Promise<T> {
  const unlock = await lock(folder, say);
  try {
    return await work();
  } finally {
    // The folder may have been deleted, and the lock with it.
    await unlock().catch(() => {});
  }
}

/** The name of the lock in `folder`. */
export const lockName = "lock";

async function lock(folder: string, say: Say): Promise<() => Promise<void>> {
  // Imported here as it costs some milliseconds, and a server that already runs needs no lock.
  const { default: lockfile } = await import("proper-lockfile");
  const startedAt = performance.now();
  let toldToWait = false;
  for (;;) {
    try {
      return await lockfile.lock(folder, {
        lockfilePath: path.join(folder, lockName),
        realpath: false,
        stale: staleMs,
        update: staleMs / 4,
        // A process that loses the lock (a laptop that slept) may go on: Postgres lets only one server use its data.
        onCompromised: () => {},
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
    }
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > giveUpAfterMs) throw stillLocked(folder);
    if (waitedMs > sayWaitingAfterMs && !toldToWait) {
      say("Waiting for another process that is starting or stopping Postgres …");
      toldToWait = true;
    }
    await sleep(50);
  }
}

function stillLocked(folder: string): UserError {
  return new UserError(
    `Another process has been busy with the server in ${folder} for ${giveUpAfterMs / 60_000} minutes; stop that process, then try again.`,
  );
}
