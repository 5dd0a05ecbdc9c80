import { setTimeout as pause } from "node:timers/promises";
import { say, table } from "shared/console";
import { one, type Sql } from "shared/database";
import { type EnqueueOptions, enqueueMany, task, Worker } from "../engine/index.ts";
import { call, startApi } from "./api.ts";
import { chart } from "./chart.ts";
import { Gauge } from "./gauge.ts";

export const TASKS = 500;
const SLOTS = 8;

/**
 * Runs 500 tasks on three workers, against a freshly started API. Prints what was running when, and the outcomes. Returns
 * the highest number of calls that the API had at once.
 */
export async function callWithThreeWorkers(sql: Sql, options: EnqueueOptions): Promise<number> {
  const api = await startApi();
  const callApi = task({ name: "call-api", run: (_: number) => call(api) });

  const gauges = [new Gauge(), new Gauge(), new Gauge()];
  const workers = gauges.map((gauge) => {
    const counted = { ...callApi, run: () => gauge.during(() => call(api)) };
    return new Worker(sql, { tasks: [counted], slots: SLOTS, pollIntervalMs: 20, log: () => {} });
  });
  for (const worker of workers) worker.start();

  const tasks = Array.from({ length: TASKS }, (_, n) => ({ input: n, ...options }));
  const ids = await enqueueMany(sql, callApi, tasks);
  const from = performance.now();
  await untilAllEnded(sql);
  const to = performance.now();
  await Promise.all(workers.map((worker) => worker.stop()));
  api.close();

  chart({ from, to }, gauges, SLOTS, api.calls);
  say();
  const outcomes = await sql`
    select status, count(*)::int, error ->> 'message' as error
    from tasks
    where id = any(${ids})
    group by 1, 3`;
  table(outcomes);
  say();
  return api.calls.most;
}

export async function untilAllEnded(sql: Sql): Promise<void> {
  const left = () => sql`select exists (select from tasks where status in ('queued', 'running'))`;
  while (one(await left()).exists) await pause(10);
}
