import type { TypedConnection } from "shared/database";
import { cancelChildren, reclaimTasks, requeueTasks } from "../../sql/queries.ts";
import { CancelledError, ClaimLostError } from "../errors.ts";
import type { Heartbeat } from "./lease.ts";
import type { Runs } from "./runs.ts";

// The lease must outlast the statement.
const CHILDREN_AT_ONCE = 1_000;

/**
 * Reconciles this process with the table: drops the runs that other workers have taken or that are to be
 * cancelled, and requeues tasks that the table says this worker is running and it is not, because the reply to a claim
 * got lost. Then requeues the tasks of lost workers, and cancels the children of tasks that have ended. Returns true if there
 * may be more of these children.
 */
export async function upkeep(
  db: TypedConnection,
  { workerId, held, hasLeftChildren }: Heartbeat,
  { runs, log }: { runs: Runs; log: (line: string) => void },
): Promise<boolean> {
  const heldById = new Map(held.map((task) => [task.id, task]));
  runs.abort(({ id, fence }) => {
    const task = heldById.get(id);
    if (task?.fence !== fence) return new ClaimLostError("Another worker has taken the task");
    return task.isCancelled ? new CancelledError("The task was cancelled") : undefined;
  });

  const unknown = held.filter((task) => !runs.has(task));
  const ids = unknown.map(({ id }) => id);
  const fences = unknown.map(({ fence }) => fence);
  const requeued = ids.length > 0 ? await requeueTasks.run({ workerId, ids, fences }, db) : [];
  for (const { id, name } of requeued) log(`requeued ${name} task=${id}: its claim got no reply`);
  for (const { id, name } of await reclaimTasks.run(undefined, db)) {
    log(`reclaimed ${name} task=${id}`);
  }
  const limit = CHILDREN_AT_ONCE;
  // Each that is cancelled may leave children in turn.
  for (let isMore = hasLeftChildren; isMore; ) {
    const cancelled = await cancelChildren.run({ limit }, db);
    for (const { id, name, status, parentId } of cancelled) {
      const did = status === "cancelled" ? status : "cancelling";
      log(`${did} ${name} task=${id}: its parent has ended, task=${parentId}`);
    }
    if (cancelled.length === limit) return true;
    isMore = cancelled.length > 0;
  }
  return false;
}
