import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../user-error.ts";

/** Receives progress messages. */
export type Say = (line: string) => void;

/** How long other processes wait for the lock of a process that was killed. */
const staleMs = 4_000;
const sayWaitingAfterMs = 1_000;
const giveUpAfterMs = 180_000;

/** Runs `work` while it holds the lock of `folder`, which one process at a time can hold. */
export async function withLock<T>(folder: string, say: Say, work: () => Promise<T>): Promise<T> {
  const unlock = await lock(folder, say);
  try {
    return await work();
  } finally {
    // The folder may have been deleted together with the lock.
    await unlock().catch(() => {});
  }
}

/** The name of the lock in a server's folder. */
export const lockName = "lock";

async function lock(folder: string, say: Say): Promise<() => Promise<void>> {
  // Imported here because it takes some milliseconds, and a server that is already running needs no lock.
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
        // A process that loses the lock (a laptop that slept) may continue: Postgres lets only one server use its data.
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
    `Another process has been starting or stopping the server in ${folder} for ${giveUpAfterMs / 60_000} minutes; stop that process, then try again.`,
  );
}
