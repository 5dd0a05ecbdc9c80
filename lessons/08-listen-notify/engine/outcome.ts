import { isDataError } from "shared/database";
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
  writes: Writes,
  claim: Claim,
  outcome: Outcome,
): Promise<Outcome["status"]> {
  if (outcome.status === "unknown") throw outcome.error;
  try {
    return await untilAnswered(() => saveOnce(writes, claim, outcome));
  } catch (error) {
    if (outcome.status !== "succeeded" || !isDataError(error)) throw error;
    return save(writes, claim, { status: "failed", error: describeError(error) });
  }
}

type Claim = Pick<ClaimedTask, "id" | "fence">;

async function saveOnce(
  writes: Writes,
  { id, fence }: Claim,
  outcome: Outcome,
): Promise<Outcome["status"]> {
  if (outcome.status === "lost" || outcome.status === "suspended") return outcome.status;
  const claim = { id, fence };
  if (await write(writes, claim, outcome)) return outcome.status;
  const cancelled = await writes.alone((db) => endCancelledTask.run(claim, db));
  return cancelled ? "cancelled" : "lost";
}

function write(writes: Writes, claim: Claim, outcome: Outcome): Promise<object | undefined> {
  switch (outcome.status) {
    case "succeeded":
      return writes.succeedTask({ ...claim, output: outcome.output });
    case "failed": {
      const error = JSON.stringify(outcome.error);
      return writes.alone((db) => failTask.run({ ...claim, error }, db));
    }
    case "retried": {
      const error = JSON.stringify(outcome.error);
      const { delayMs } = outcome;
      return writes.alone((db) => retryTask.run({ ...claim, error, delayMs }, db));
    }
    case "handed back":
      return writes.alone((db) => handBackTask.run(claim, db));
    default:
      return Promise.resolve(undefined);
  }
}
