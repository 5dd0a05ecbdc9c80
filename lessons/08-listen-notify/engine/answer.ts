import { setTimeout as sleep } from "node:timers/promises";
import { isTransientError } from "shared/database";

const GIVE_UP_AFTER_MS = 15_000;

/**
 * What `ask` returns. While Postgres is away or too busy it asks again, for a quarter of a minute: what a handler
 * has done should not be done again for a restart. `isWorthAnother` may name other errors. Then, or if it would not
 * help, throws what `ask` threw. An answer may get lost, so what is asked may have been done already when it is asked
 * again.
 */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  isWorthAnother = isTransientError,
): Promise<T> {
  const giveUpAt = performance.now() + GIVE_UP_AFTER_MS;
  for (let waitMs = 100; ; waitMs = Math.min(2 * waitMs, 2_000)) {
    try {
      return await ask();
    } catch (error) {
      if (!isWorthAnother(error) || performance.now() > giveUpAt) throw error;
    }
    await sleep(waitMs);
  }
}
