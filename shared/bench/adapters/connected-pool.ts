import type { Pool } from "pg";

/** Returns a pool of `pg`, the driver of most peers, with all of its `max` connections open. */
export async function connectedPool(connectionString: string, max: number): Promise<Pool> {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString, max });
  // graphile-worker warns if a pool that it is given lacks one of these listeners.
  pool.on("error", (error) => console.error(error)).on("connect", () => {});
  const clients = await Promise.all(Array.from({ length: max }, () => pool.connect()));
  for (const client of clients) client.release();
  return pool;
}
