import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../user-error.ts";

/** Receives the lines that tell the reader what is going on. */
export type Say = (line: string) => void;

/** How long the lock of a process that was killed keeps the others waiting. */
const staleMs = 4_000;
const sayWaitingAfterMs = 1_000;
const giveUpAfterMs = 180_000;

/** Runs `work` while no other process runs any for the same `home`. */
export async function withLock<T>(home: string, say: Say, work: () => Promise<T>): Promise<T> {
  const unlock = await lock(home, say);
  try {
    return await work();
  } finally {
    // Somebody may have deleted the folder, and the lock with it.
    await unlock().catch(() => {});
  }
}

/** The name of the lock in `home`. */
export const lockName = "lock";

async function lock(home: string, say: Say): Promise<() => Promise<void>> {
  // Only here: it costs some milliseconds, and a server that runs already needs no lock.
  const { default: lockfile } = await import("proper-lockfile");
  const startedAt = performance.now();
  let toldToWait = false;
  for (;;) {
    try {
      return await lockfile.lock(home, {
        lockfilePath: path.join(home, lockName),
        realpath: false,
        stale: staleMs,
        update: staleMs / 4,
        // Whoever loses the lock (a laptop that slept) may go on: Postgres lets no two servers at its data.
        onCompromised: () => {},
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
    }
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > giveUpAfterMs) throw stillLocked(home);
    if (waitedMs > sayWaitingAfterMs && !toldToWait) {
      say("Waiting for another process that is starting or stopping Postgres …");
      toldToWait = true;
    }
    await sleep(50);
  }
}

function stillLocked(home: string): UserError {
  return new UserError(
    `Another process has been busy with the server in ${home} for ${giveUpAfterMs / 60_000} minutes; stop that process, then try again.`,
  );
}
