import { one, type TypedConnection } from "shared/database";
import { heartbeat, insertWorker } from "../../sql/queries.ts";

/** The reply to a heartbeat. */
export type Heartbeat = {
  workerId: string;
  /** Whether any concurrency key has a limit. */
  hasLimits: boolean;
  /** Whether any task has ended before its children. */
  hasLeftChildren: boolean;
  /** The tasks that this worker is running, according to the table. */
  held: { id: string; fence: number; isCancelled: boolean }[];
};

/**
 * Extends the lease of a worker. While it is extended in time, no other worker takes the worker's tasks. A worker without
 * a row is registered first: it gets a new `workerId`, and holds nothing.
 */
export async function extendLease(
  db: TypedConnection,
  { name, leaseMs, ...worker }: { name: string; leaseMs: number; workerId?: string | undefined },
): Promise<Heartbeat> {
  const workerId = worker.workerId ?? one(await insertWorker.run({ name, leaseMs }, db)).id;
  const rows = await heartbeat.run({ workerId, leaseMs }, db);
  const [first] = rows;
  if (!first) return extendLease(db, { name, leaseMs });
  const { hasLimits, hasLeftChildren } = first;
  return { workerId, hasLimits, hasLeftChildren, held: rows.filter(({ id }) => id !== null) };
}
