import { say, table } from "shared/console";
import { connect, type Sql } from "shared/database";
import { until } from "shared/story";
import { enqueue, enqueueMany, task, Worker } from "../engine/index.ts";
import { WORKER_CONNECTION } from "./sides.ts";
import { untilListening } from "./until-listening.ts";

const NAMES = ["worker-1", "worker-2", "worker-3", "worker-4", "worker-5"];
const ONE_BY_ONE = 40;

/** Tasks come while many workers have nothing to do. */
export async function callOne(sql: Sql, url: string): Promise<void> {
  const ran = new Map(NAMES.map((name) => [name, 0]));
  const own = connect(url, { planOnce: true, applicationName: WORKER_CONNECTION });
  const helloTo = (name: string) =>
    task({ name: "hello", run: () => void ran.set(name, (ran.get(name) ?? 0) + 1) });
  const hello = helloTo("nobody");
  const options = { slots: 100, log: () => {} };
  const workers = NAMES.map(
    (name) => new Worker(own, { tasks: [helloTo(name)], name, ...options }),
  );
  for (const worker of workers) worker.start();
  await untilListening(sql, workers.length);
  await untilAllHaveRoom(sql);

  const ears = connect(url, { max: 1, applicationName: "lesson-08" });
  const called = await listenToCalls(sql, ears);
  const rows: object[] = [];
  for (let count = 0; count < ONE_BY_ONE; count += 1) {
    await enqueue(sql, hello, null);
    await until(async () => total(ran) > count);
  }
  rows.push({ enqueued: "one after the other", tasks: ONE_BY_ONE, calls: await called() });
  const shares = [...ran];
  for (const length of [3, 100]) {
    await untilAllHaveRoom(sql);
    const expected = total(ran) + length;
    const inputs = Array.from({ length }, () => ({ input: null }));
    await enqueueMany(sql, hello, inputs);
    await until(async () => total(ran) === expected);
    rows.push({ enqueued: "all at once", tasks: length, calls: await called() });
  }
  await Promise.all(workers.map((worker) => worker.stop()));
  await own.end();
  await ears.end();

  say(`${NAMES.length} workers have nothing to do, and listen.`);
  say();
  table(rows);
  say();
  say("Of those that came one after the other:");
  say();
  for (const [name, tasks] of shares) {
    say(`  ${name} ran ${String(tasks).padStart(2)}  ${"█".repeat(tasks)}`);
  }
}

async function untilAllHaveRoom(sql: Sql): Promise<void> {
  await until(async () => {
    const [row] = await sql`
      select count(*)::int as ready from workers where has_room and channel is not null`;
    return row?.ready === NAMES.length;
  });
}

/** Listens where the workers do; `called` returns how often they were called since it was last asked. */
async function listenToCalls(sql: Sql, ears: Sql): Promise<() => Promise<number>> {
  let calls = 0;
  let marks = 0;
  const workers = await sql`select channel from workers`;
  for (const { channel } of workers) {
    // A heartbeat is no call.
    await ears.listen(channel, (payload) => {
      if (payload === "") calls += 1;
    });
  }
  await ears.listen("marks", () => {
    marks += 1;
  });
  return async () => {
    const before = marks;
    // Notifications arrive in the order of the commits that sent them.
    await sql.notify("marks", "");
    await until(async () => marks > before);
    const since = calls;
    calls = 0;
    return since;
  };
}

function total(ran: Map<string, number>): number {
  return [...ran.values()].reduce((sum, each) => sum + each, 0);
}
