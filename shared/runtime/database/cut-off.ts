import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "./connect.ts";
import { restartEmbedded } from "./embedded/index.ts";
import { isTransientError } from "./error-kinds.ts";
import { databaseUrlVariable } from "./server.ts";

/**
 * Ends all connections to the database of `sql`: restarts the repository's own server, or terminates the connections to
 * this database on any other server. Once `sql` works again, returns a sentence that says which of the two it did.
 */
export async function cutOff(sql: Sql): Promise<string> {
  const isOurs = databaseUrlVariable() === undefined;
  if (isOurs) await restartEmbedded();
  else await cutConnections(sql);
  await untilAnswered(sql);
  return isOurs
    ? "Postgres is restarted"
    : "All connections are cut (a server of DATABASE_URL is not ours to restart)";
}

async function cutConnections(sql: Sql): Promise<void> {
  try {
    await sql`
      select pg_terminate_backend(pid)
      from (
        select pid
        from pg_stat_activity
        where datname = current_database()
          and usename = current_user
        order by pid = pg_backend_pid()  -- Our own connection comes last.
      ) as connections`;
  } catch (error) {
    if (!isTransientError(error)) throw error;
  }
}

/** The pool detects the end of each connection separately. */
async function untilAnswered(sql: Sql): Promise<void> {
  const { max } = sql.options;
  for (let tries = 0; ; tries += 1) {
    const answers = Array.from({ length: max }, () => sql`select`);
    const answered = await Promise.allSettled(answers);
    const failed = answered.find(({ status }) => status === "rejected");
    if (!failed) return;
    if (tries === 20) throw (failed as PromiseRejectedResult).reason;
    await sleep(100);
  }
}
