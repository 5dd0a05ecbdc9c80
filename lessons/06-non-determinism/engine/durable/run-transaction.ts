import {
  answers,
  isLostTransaction,
  isRefusedForNow,
  isTransientError,
  type ReservedSql,
  type RunTransaction,
} from "shared/database";
import { pause } from "./pause.ts";

// How often a transaction runs if Postgres refuses it each time.
const MOST_RUNS = 10;

const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 2_000;

/** One run of a transaction, as far as it has come. */
type Progress = { phase: "beginning" | "working" | "committing"; isConnected: boolean };

/**
 * Runs `work` in a transaction. Returns its result once that has committed. Runs it again, in a new transaction, while
 * Postgres refuses it for now: because of a conflict, a timeout, or a lack of resources. Throws what `work` has thrown after
 * it was rolled back, and what `onInDoubt` returns if the connection was lost.
 */
export async function runTransaction<T>(
  transaction: RunTransaction,
  work: (tx: ReservedSql) => Promise<T>,
  { signal, onInDoubt }: { signal: AbortSignal; onInDoubt: (error: unknown) => Error },
): Promise<T> {
  let runs = 0;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    const progress: Progress = { phase: "beginning", isConnected: true };
    try {
      return await transaction((tx) => runOnce(tx, work, progress, signal));
    } catch (error) {
      if (signal.aborted) throw error;
      if (progress.phase !== "beginning") runs += 1;
      const meaning = meaningOf(error, progress);
      if (meaning === "in doubt") throw onInDoubt(error);
      if (meaning === "failed" || runs === MOST_RUNS) throw error;
    }
    // Two transactions that have run into each other must not do so again.
    await pause(Math.random() * waitMs, signal);
  }
}

async function runOnce<T>(
  tx: ReservedSql,
  work: (tx: ReservedSql) => Promise<T>,
  progress: Progress,
  signal: AbortSignal,
): Promise<T> {
  // It has waited for its turn and for a connection.
  signal.throwIfAborted();
  progress.phase = "working";
  try {
    const result = await work(tx);
    progress.phase = "committing";
    return result;
  } catch (error) {
    // An error of the body's own may look like one of the connection.
    progress.isConnected = await answers(tx);
    throw error;
  }
}

function meaningOf(
  error: unknown,
  { phase, isConnected }: Progress,
): "refused for now" | "in doubt" | "failed" {
  // Nothing has been written yet.
  if (phase === "beginning") return isTransientError(error) ? "refused for now" : "failed";
  if (!isConnected) return "in doubt";
  if (isRefusedForNow(error)) return "refused for now";
  return phase === "committing" && isLostTransaction(error) ? "in doubt" : "failed";
}
