import { setTimeout as pause } from "node:timers/promises";
import type { Sql } from "shared/database";

/** Resolves when `holds` does; asks every few milliseconds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(10);
}

/** Resolves when so many connections of workers listen. */
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
