import { setTimeout as sleep } from "node:timers/promises";
import { isTransientError } from "shared/database";

const GIVE_UP_AFTER_MS = 15_000;

/** Less than the above, and than the lease that a worker has by default, so that there is time to ask again. */
const SILENT_AFTER_MS = 10_000;

/**
 * What `ask` returns. While Postgres is away or too busy it asks again, for a quarter of a minute from the first
 * failure: what a handler has done should not be done again for a restart. `isWorthAnother` may name other errors.
 * Then, or if it would not help, throws what `ask` threw. An answer may get lost, so what is asked may have been done
 * already when it is asked again.
 */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  isWorthAnother = isTransientError,
): Promise<T> {
  let giveUpAt = Number.POSITIVE_INFINITY;
  for (let waitMs = 100; ; waitMs = Math.min(2 * waitMs, 2_000)) {
    try {
      return await ask();
    } catch (error) {
      const now = performance.now();
      if (!isWorthAnother(error) || now > giveUpAt) throw error;
      giveUpAt = Math.min(giveUpAt, now + GIVE_UP_AFTER_MS);
    }
    await sleep(waitMs);
  }
}

/**
 * What Postgres answers, if it does within ten seconds. Else throws what is worth another try, and what was asked may
 * be done later all the same. A connection that has died without a sign is silent until the system gives it up, a
 * quarter of an hour later.
 */
export async function soon<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    const giveUp = () => reject(Object.assign(new Error(SILENT), { code: "ETIMEDOUT" }));
    // What has come while something blocked this process is read first.
    timer = setTimeout(() => setImmediate(giveUp), SILENT_AFTER_MS);
  });
  return Promise.race([answer, silence]).finally(() => clearTimeout(timer));
}

const SILENT = `Postgres has not answered for ${SILENT_AFTER_MS / 1_000} s`;
