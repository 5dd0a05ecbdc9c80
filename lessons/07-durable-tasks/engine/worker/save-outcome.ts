import { setTimeout as sleep } from "node:timers/promises";
import { isRefusedRow, type TypedConnection } from "shared/database";
import { describeError, messageOf } from "shared/values";
import { endRun } from "../../sql/queries.ts";
import type { ClaimedTask, Outcome } from "./execute.ts";

type Claim = Pick<ClaimedTask, "id" | "fence">;

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

/**
 * Writes the outcome of a run and returns the status of the task: `cancelled` if a cancellation was requested. Returns
 * `lost` if another worker has taken the task, `lost or already written` if an earlier write may have taken effect.
 *
 * If Postgres cannot write it now, it tries again: a handler that has finished must not run again because Postgres is
 * restarting. A write takes effect once, since it ends the run and requires a running one. An output that Postgres
 * refuses becomes a failure. Throws the last error if `givenUp` fires meanwhile.
 */
export async function saveOutcome(
  db: TypedConnection,
  claim: Claim,
  outcome: Outcome,
  { givenUp, log }: { givenUp: AbortSignal; log: (line: string) => void },
): Promise<string> {
  let current = outcome;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    try {
      const status = await write(db, claim, current);
      return status ?? (waitMs > FIRST_WAIT_MS ? "lost or already written" : "lost");
    } catch (error) {
      if (givenUp.aborted) throw error;
      log(`could not end task=${claim.id}, next try in ${waitMs} ms: ${messageOf(error)}`);
      if (isRefusedRow(error)) current = { status: "failed", error: describeError(error) };
    }
    await sleep(waitMs, undefined, { signal: givenUp }).catch(() => {});
  }
}

async function write(
  db: TypedConnection,
  { id, fence }: Claim,
  { status, error, ...outcome }: Outcome,
): Promise<string | undefined> {
  if (status === "lost" || status === "suspended") return status;
  const [ended] = await endRun.run(
    {
      isDropped: false,
      isDifferent: false,
      ...outcome,
      id,
      fence,
      status,
      error: error && JSON.stringify(error),
    },
    db,
  );
  return ended?.status;
}
