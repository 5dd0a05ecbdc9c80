import { isDataError, pgtyped, type Sql } from "shared/database";
import { endCancelledTask, failTask, handBackTask, retryTask } from "../sql/queries.ts";
import { untilAnswered } from "./answer.ts";
import { describeError } from "./errors.ts";
import type { ClaimedTask, Outcome } from "./execute.ts";
import type { Writes } from "./writes.ts";

/**
 * Writes an outcome down, unless the claim is lost. Returns what the task has come to: the outcome's status,
 * `cancelled` if somebody has asked for that meanwhile, `failed` if Postgres cannot store the output, `lost` if
 * nothing was written. Throws if it could not be written.
 */
export async function save(
  means: Means,
  claim: Claim,
  outcome: Outcome,
): Promise<Outcome["status"]> {
  if (outcome.status === "unknown") throw outcome.error;
  try {
    return await untilAnswered(() => saveOnce(means, claim, outcome));
  } catch (error) {
    if (outcome.status !== "succeeded" || !isDataError(error)) throw error;
    return save(means, claim, { status: "failed", error: describeError(error) });
  }
}

type Means = { sql: Sql; writes: Writes };

type Claim = Pick<ClaimedTask, "id" | "fence">;

async function saveOnce(
  means: Means,
  { id, fence }: Claim,
  outcome: Outcome,
): Promise<Outcome["status"]> {
  if (outcome.status === "lost" || outcome.status === "suspended") return outcome.status;
  const claim = { id, fence };
  if (await write(means, claim, outcome)) return outcome.status;
  const [cancelled] = await endCancelledTask.run(claim, pgtyped(means.sql));
  return cancelled ? "cancelled" : "lost";
}

async function write({ sql, writes }: Means, claim: Claim, outcome: Outcome): Promise<boolean> {
  const db = pgtyped(sql);
  switch (outcome.status) {
    case "succeeded":
      return (await writes.succeedTask({ ...claim, output: outcome.output })) !== undefined;
    case "failed": {
      const error = JSON.stringify(outcome.error);
      return (await failTask.run({ ...claim, error }, db)).length > 0;
    }
    case "retried": {
      const error = JSON.stringify(outcome.error);
      return (await retryTask.run({ ...claim, error, delayMs: outcome.delayMs }, db)).length > 0;
    }
    case "handed back":
      return (await handBackTask.run(claim, db)).length > 0;
    default:
      return false;
  }
}
