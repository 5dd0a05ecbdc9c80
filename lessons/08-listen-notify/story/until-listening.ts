import type { Sql } from "shared/database";
import { until } from "shared/story";

/** Waits until this many connections of workers listen. */
export async function untilListening(sql: Sql, connections: number): Promise<void> {
  await until(async () => {
    const [row] = await sql`
      select count(*)::int as listening
      from pg_stat_activity
      where datname = current_database()
        and query like 'listen "worker_%'
        and state = 'idle'`;
    return row?.listening >= connections;
  });
}
