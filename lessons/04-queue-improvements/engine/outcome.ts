import { isDataError, pgtyped, type Sql } from "shared/database";
import { describeError } from "shared/values";
import {
  endCancelledTask,
  failTask,
  handBackTask,
  retryTask,
  succeedTask,
} from "../sql/queries.ts";
import { untilAnswered } from "./answer.ts";
import type { ClaimedTask, Outcome } from "./execute.ts";

/**
 * Writes an outcome down, unless the claim is lost. Returns what the task has come to: the outcome's status,
 * `cancelled` if somebody has asked for that meanwhile, `failed` if Postgres cannot store the output, `lost` if
 * nothing was written. Throws if it could not be written.
 */
export async function save(sql: Sql, claim: Claim, outcome: Outcome): Promise<Outcome["status"]> {
  try {
    return await untilAnswered(() => saveOnce(sql, claim, outcome));
  } catch (error) {
    if (outcome.status !== "succeeded" || !isDataError(error)) throw error;
    return save(sql, claim, { status: "failed", error: describeError(error) });
  }
}

type Claim = Pick<ClaimedTask, "id" | "fence">;

async function saveOnce(
  sql: Sql,
  { id, fence }: Claim,
  outcome: Outcome,
): Promise<Outcome["status"]> {
  if (outcome.status === "lost") return "lost";
  const claim = { id, fence };
  if (await write(sql, claim, outcome)) return outcome.status;
  const [cancelled] = await endCancelledTask.run(claim, pgtyped(sql));
  return cancelled ? "cancelled" : "lost";
}

async function write(sql: Sql, claim: Claim, outcome: Outcome): Promise<boolean> {
  const db = pgtyped(sql);
  switch (outcome.status) {
    case "succeeded":
      return (await succeedTask.run({ ...claim, output: outcome.output }, db)).length > 0;
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
