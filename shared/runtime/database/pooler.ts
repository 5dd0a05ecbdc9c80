import { UserError } from "../user-error.ts";
import type { Sql } from "./connect.ts";
import { one } from "./one.ts";
import { backendPid } from "./until-waiting.ts";

/**
 * Throws a `UserError` if a pooler assigns a server process for each transaction or statement only: settings, `LISTEN`
 * and advisory locks need the same process for the whole session. `sql` needs at least two connections.
 */
export async function refuseTransactionPooling(sql: Sql): Promise<void> {
  const rows = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  // The pid that a pooler sends at connection start is not that of a server process.
  if (one(rows).pid === rows.state.pid || (await hasSession(sql))) return;
  throw new UserError(
    "DATABASE_URL names a pooler in transaction mode (PgBouncer's pool_mode); set it to session mode, or use the port of " +
      "Postgres itself: LISTEN, advisory locks and settings need a session.",
  );
}

/** Returns true if a connection keeps its server process while another connection is in a transaction. */
async function hasSession(sql: Sql): Promise<boolean> {
  const [idle, busy] = [await sql.reserve(), await sql.reserve()];
  try {
    const pid = await backendPid(idle);
    // In transaction mode, it gets the process that the other connection has just used. Statement mode rejects it.
    const begun = await busy`begin`.then(
      () => true,
      () => false,
    );
    return begun && (await backendPid(busy)) !== pid && (await backendPid(idle)) === pid;
  } finally {
    await busy`rollback`.catch(() => {});
    for (const each of [idle, busy]) each.release();
  }
}
