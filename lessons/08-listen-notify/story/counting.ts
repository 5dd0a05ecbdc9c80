import type { ReservedSql, Sql } from "shared/database";
import { until } from "shared/story";
import { WORKER_CONNECTION } from "./sides.ts";

/**
 * The same pool, which counts the round trips that are made on it. What is sent on a reserved connection behind
 * something that is not answered yet waits for no trip of its own.
 */
export function countTrips(sql: Sql): { sql: Sql; trips: () => number } {
  let trips = 0;
  const counting = <T extends Sql | ReservedSql>(connection: T, isPool: boolean): T => {
    let unanswered = 0;
    const answered = () => {
      unanswered -= 1;
    };
    return new Proxy(connection, {
      get(target, key) {
        if (key === "reserve") return async () => counting(await sql.reserve(), false);
        if (key !== "unsafe") return Reflect.get(target, key);
        return (...call: Parameters<Sql["unsafe"]>) => {
          if (isPool || unanswered === 0) trips += 1;
          unanswered += 1;
          const query = target.unsafe(...call);
          query.then(answered, answered);
          return query;
        };
      },
    });
  };
  return { sql: counting(sql, true), trips: () => trips };
}

/** Counts a database's commits from now on, of which Postgres hears late; `pools` are those that are open. */
export async function countCommits(sql: Sql, pools: Sql[]): Promise<() => Promise<number>> {
  for (const pool of pools) await tellCommits(pool);
  const before = await commitsSoFar(sql);
  return async () => {
    // A connection that ends tells what it has not told yet.
    await until(async () => {
      const [row] = await sql`
        select count(*)::int as open
        from pg_stat_activity
        where datname = current_database() and application_name = ${WORKER_CONNECTION}`;
      return row?.open === 0;
    });
    return (await commitsSoFar(sql)) - before;
  };
}

async function commitsSoFar(sql: Sql): Promise<number> {
  const [row] = await sql`
    select xact_commit::int as commits from pg_stat_database where datname = current_database()`;
  return row?.commits;
}

/** Opens all connections of a pool; each tells Postgres of the commits that it has made until now. */
async function tellCommits(pool: Sql): Promise<void> {
  const { max } = pool.options;
  const connections = await Promise.all(Array.from({ length: max }, () => pool.reserve()));
  for (const connection of connections) await connection`select pg_stat_force_next_flush()`;
  for (const connection of connections) connection.release();
}
