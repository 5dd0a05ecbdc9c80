import type { Pool } from "pg";

/** A pool of `pg`, the driver of most peers, that has its connections already. */
export async function connectedPool(connectionString: string, max: number): Promise<Pool> {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString, max });
  // Those who are given a pool ask for these.
  pool.on("error", (error) => console.error(error)).on("connect", () => {});
  const clients = await Promise.all(Array.from({ length: max }, () => pool.connect()));
  for (const client of clients) client.release();
  return pool;
}
