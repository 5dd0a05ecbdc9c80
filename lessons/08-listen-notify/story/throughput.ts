import { say, table } from "shared/console";
import type { Sql } from "shared/database";
import { countCommits, countTrips } from "./counting.ts";
import type { Side } from "./sides.ts";
import { type Workload, workloads } from "./workloads.ts";

const SLOTS = 100;

type Figures = { perSecond: number; trips: number; commits: number };

/** Gives both engines the same to do, one after the other, and prints what it took. */
export async function compareThroughput(sql: Sql, [before, after]: [Side, Side]): Promise<void> {
  const pools = [sql, before.sql, after.sql];
  const [left, right] = [before, after].map(({ engine }) => workloads(engine));
  const rows: object[] = [];
  for (const [index, workload] of (left ?? []).entries()) {
    const then = await measure(sql, pools, before, workload);
    const now = await measure(sql, pools, after, right?.[index] ?? workload);
    rows.push(...rowsOf(workload, then, now));
  }
  say(
    `One worker with ${SLOTS} slots does it all. The factor is lesson 08's figure divided by lesson 07's.`,
  );
  say();
  table(rows);
  say();
  say("What that has left, by the rows:");
  say();
  table([await rowsLeft(before), await rowsLeft(after)]);
}

/** Lets one worker do it all. */
async function measure(
  sql: Sql,
  pools: Sql[],
  { engine, sql: outside, connect }: Side,
  { definitions, tasks, count, enqueue }: Workload,
): Promise<Figures> {
  const pool = connect();
  const counting = countTrips(pool);
  const { log, allEnded } = untilEnded(tasks);
  const options = { tasks: definitions, slots: SLOTS, name: "worker-1", log };
  const worker = new engine.Worker(counting.sql, options);
  await enqueue(outside);
  const commits = await countCommits(sql, [...pools, pool]);

  const begin = performance.now();
  worker.start();
  await allEnded;
  const seconds = (performance.now() - begin) / 1_000;
  const trips = counting.trips();
  await worker.stop();
  await pool.end();
  return { perSecond: count / seconds, trips: trips / count, commits: (await commits()) / count };
}

/** By what the worker logs. Who asked Postgres would make commits of their own. */
function untilEnded(tasks: number) {
  let ended = 0;
  let resolve = () => {};
  const allEnded = new Promise<void>((done) => {
    resolve = done;
  });
  const log = (line: string) => {
    if (!/^\S+ (succeeded|failed|cancelled|expired) /.test(line)) return;
    ended += 1;
    if (ended === tasks) resolve();
  };
  return { log, allEnded };
}

function rowsOf({ what, unit, units }: Workload, then: Figures, now: Figures): object[] {
  const row = (label: string, figure: keyof Figures, shown: (value: number) => string) => ({
    "done by one worker": label,
    "lesson 07": shown(then[figure]),
    "lesson 08": shown(now[figure]),
    factor: `×${precise(now[figure] / then[figure])}`,
  });
  return [
    row(what, "perSecond", (value) => `${Math.round(value).toLocaleString("en-US")} ${units}/s`),
    row("", "trips", (value) => `${value.toFixed(2)} round trips/${unit}`),
    row("", "commits", (value) => `${value.toFixed(2)} commits/${unit}`),
  ];
}

function precise(factor: number): string {
  return factor >= 10 ? factor.toFixed(0) : factor.toFixed(factor >= 1 ? 1 : 2);
}

/** Of these tasks; those of other parts of the story have other names. */
async function rowsLeft({ lesson, sql }: Side): Promise<object> {
  const [row] = await sql`
    select ${lesson} as engine,
           count(*)::int as tasks,
           count(*) filter (where status = 'succeeded')::int as succeeded,
           sum(attempt)::int as attempts,
           (select count(*)::int from events where kind = 'step' and status = 'succeeded') as steps,
           (select count(*)::int from events where kind = 'child' and status = 'succeeded') as children
    from tasks
    where name in ('nothing', 'steps', 'parent', 'child')`;
  return row ?? {};
}
