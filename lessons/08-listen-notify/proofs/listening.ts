import type { Sql } from "shared/database";

/** The server processes of the connections on which workers listen. On an engine without them there are none. */
export async function listening(sql: Sql): Promise<number[]> {
  const connections = await sql`
    select pid
    from workers
    join pg_stat_activity on query = format('listen "%s"', to_jsonb(workers) ->> 'channel')
    where state = 'idle'`;
  return connections.map(({ pid }) => pid);
}

/** The same for a poll: its last query may still be under way when a test that fails takes the tables away. */
export function polledListening(sql: Sql): () => Promise<number[]> {
  return () => listening(sql).catch(() => []);
}
