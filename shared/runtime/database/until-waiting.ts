import { setTimeout as pause } from "node:timers/promises";
import type { Sql } from "./connect.ts";
import { one } from "./one.ts";
import type { Queryable } from "./pgtyped.ts";

/** The server process behind a connection, as `pg_stat_activity` and `pg_blocking_pids` know it. */
export async function backendPid(connection: Queryable): Promise<number> {
  return one(await connection.unsafe("select pg_backend_pid() as pid")).pid;
}

/**
 * Resolves once the connection with this pid waits for a lock that another one holds, and throws if it
 * does not within 50 seconds. Asks on `sql`, which must not be that connection.
 */
export async function untilWaiting(sql: Sql, pid: number): Promise<void> {
  const deadline = Date.now() + 50_000;
  while (Date.now() < deadline) {
    const { waits } = one(await sql`select cardinality(pg_blocking_pids(${pid})) > 0 as waits`);
    if (waits) return;
    await pause(2);
  }
  throw new Error(`Connection ${pid} did not come to wait for a lock within 50 s`);
}
