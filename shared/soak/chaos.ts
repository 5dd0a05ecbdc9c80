import { setTimeout as pause } from "node:timers/promises";
import type { CrashableServer, Sql } from "../runtime/database/index.ts";
import { asked } from "../runtime/story/index.ts";
import type { Random } from "../testing/random.ts";
import type { Fleet } from "./fleet.ts";

type World = { sql: Sql; server: CrashableServer; fleet: Fleet; leaseMs: number };

type Mishap = "kill" | "stop" | "freeze" | "cut" | "restart" | "crash";

const MISHAPS: Mishap[] = [
  ...Array<Mishap>(4).fill("kill"),
  ...Array<Mishap>(3).fill("stop"),
  ...Array<Mishap>(4).fill("freeze"),
  ...Array<Mishap>(4).fill("cut"),
  "restart",
  "crash",
];

/** Injects faults into workers and Postgres, one or two a second, until `signal` fires. Returns how many hit Postgres. */
export async function makeTrouble(world: World, random: Random, signal: AbortSignal) {
  const counts = { cuts: 0, restarts: 0, crashes: 0 };
  const frozen: Promise<void>[] = [];
  while (!signal.aborted) {
    await pause(300 + random.below(2_000), undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    switch (random.among(MISHAPS)) {
      case "kill":
        world.fleet.kill();
        break;
      case "stop":
        world.fleet.stop();
        break;
      case "freeze":
        // Mostly for longer than its lease, so that other workers own its tasks when it continues.
        frozen.push(world.fleet.freeze(world.leaseMs * 0.8 + random.below(2 * world.leaseMs)));
        break;
      case "cut":
        counts.cuts += await cutConnections(world.sql, random);
        break;
      case "restart":
        counts.restarts += 1;
        await world.server.restart();
        break;
      case "crash":
        counts.crashes += 1;
        await world.server.crash();
        break;
    }
  }
  await Promise.all(frozen);
  return counts;
}

/** Terminates some or all connections of the workers. Returns how many. */
async function cutConnections(sql: Sql, random: Random): Promise<number> {
  const share = random.among([0.1, 0.5, 1]);
  const open = await asked(
    async () => sql`
      select pid from pg_stat_activity where application_name = 'soak worker' order by pid`,
  );
  const pids = open.map(({ pid }) => pid as number).filter(() => random.chance(share));
  await asked(async () => sql`select pg_terminate_backend(pid) from unnest(${pids}::int[]) as pid`);
  return pids.length;
}
