import { setTimeout as pause } from "node:timers/promises";
import type { Sql } from "./connect.ts";
import { one } from "./one.ts";
import type { Queryable } from "./pgtyped.ts";

/** Returns the pid of a connection's server process, as in `pg_stat_activity` and `pg_blocking_pids`. */
export async function backendPid(connection: Queryable): Promise<number> {
  return one(await connection.unsafe("select pg_backend_pid() as pid")).pid;
}

/**
 * Resolves once the connection with this pid waits for a lock of another connection. Throws if that does not
 * happen within 50 s. Polls on `sql`, which must not be the waiting connection.
 */
export async function untilWaiting(sql: Sql, pid: number): Promise<void> {
  const deadline = Date.now() + 50_000;
  while (Date.now() < deadline) {
    const { waits } = one(await sql`select cardinality(pg_blocking_pids(${pid})) > 0 as waits`);
    if (waits) return;
    await pause(2);
  }
  throw new Error(`Connection ${pid} did not wait for a lock within 50 s`);
}
