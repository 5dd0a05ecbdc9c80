import { eventLog, type LoggedEvent, say, section, table, title, workerLog } from "shared/console";
import { type Sql, withLessonDatabase } from "shared/database";
import type { StartedProcess } from "shared/processes";
import { LIVELY, until, untilAtItsPlace } from "shared/story";
import { enqueue, result, retry, type TaskDefinition, task, Worker } from "./engine/index.ts";
import {
  connectLesson05,
  deployAsLesson05,
  raceAsLesson05,
  startLesson05,
} from "./story/lesson-05.ts";
import { version1, version2, version3 } from "./story/orders.ts";
import { needCall, needOldPath } from "./story/patches.ts";
import { pay, payInSilence, payMore } from "./story/pay.ts";
import { startOther } from "./story/processes.ts";
import { quote } from "./story/quote.ts";

await withLessonDatabase(import.meta.url, async ({ sql, url }) => {
  title("06 · Tracking non-determinism");
  const ordering = startLesson05(url, "worker-1");
  const asking = startLesson05(url, "worker-3");
  const doomed = startOther(url, "worker-1");
  const racing = startOther(url, "worker-4");
  // While processes start, a heartbeat may come too late for the story's short leases.
  await Promise.all([ordering, asking, doomed, racing].map((each) => each.firstMessage));

  const lesson05 = await connectLesson05(url);
  section("Watch lesson 05 fail");
  await deployAsLesson05(lesson05, ordering);

  section("Watch it run a race");
  await raceAsLesson05(lesson05, asking);
  await lesson05.end();

  section("The same deployment");
  const id = await deployVersion2(sql, doomed);

  section("Mend it, and go on");
  await deployVersion3(sql, id);

  section("The same race");
  await race(sql, racing);

  section("Break it");
  await breakIt(sql);

  section("What it left");
  table(
    await sql`
      select id, name, status, attempt, event_count as events,
             coalesce(output::text, error ->> 'name') as "output or error"
      from tasks
      order by id`,
  );
  say();
  table(
    await sql`
      select task_id as task, seq, position, kind, name, left(input_hash, 8) as input,
             status, coalesce(output::text, error ->> 'message', '') as "output or error"
      from events
      order by task_id, seq`,
  );
});

async function deployVersion2(sql: Sql, doomed: StartedProcess): Promise<string> {
  const id = await enqueue(sql, task({ name: "order", run: version1("") }), { customer: "Ada" });
  await untilAtItsPlace(doomed);
  await doomed.kill();
  say("  kill -9 worker-1, and version 2 is deployed");
  const order = task({ name: "order", run: version2("worker-2") });
  await workUntilEnded(sql, [id], "worker-2", order);
  await showReport(sql, id);
  say();
  table(await sql`select id, status, attempt, event_count as events from tasks where id = ${id}`);
  return id;
}

async function deployVersion3(sql: Sql, old: string): Promise<void> {
  const order = task({
    name: "order",
    run: version3("worker-3", () => sayWhatIsNeeded(sql)),
  });
  await retry(sql, old);
  say(`  version 3 is deployed, and task ${old} is retried`);
  const recent = await enqueue(sql, order, { customer: "Grace" });
  await workUntilEnded(sql, [old, recent], "worker-3", order);
  await sayWhatIsNeeded(sql);
  for (const id of [old, recent]) {
    say();
    say(`  task ${id}`);
    await showLog(sql, id);
  }
}

async function sayWhatIsNeeded(sql: Sql): Promise<void> {
  const those = (ids: string[]) => (ids.length > 0 ? `task ${ids.join(", ")}` : "nobody");
  const oldPath = await needOldPath(sql, "billing first");
  const call = await needCall(sql, "billing first");
  say(`  need old path: ${those(oldPath)}; need call: ${those(call)}`);
}

async function race(sql: Sql, doomed: StartedProcess): Promise<void> {
  const id = await enqueue(sql, quote(""), null);
  await untilAtItsPlace(doomed);
  await doomed.kill();
  say("  kill -9 worker-4");
  await workUntilEnded(sql, [id], "worker-5", quote("worker-5"));
  say();
  await showLog(sql, id);
}

async function breakIt(sql: Sql): Promise<void> {
  for (const changed of [payMore, payInSilence]) {
    const id = await enqueue(sql, pay, null);
    await new Worker(sql, { tasks: [pay], name: "worker-6", log: () => {} }).tick();
    await workUntilEnded(sql, [id], "worker-6", changed);
    await showReport(sql, id);
    say();
  }
}

async function workUntilEnded(
  sql: Sql,
  ids: string[],
  name: string,
  definition: TaskDefinition<never, unknown>,
): Promise<void> {
  const { log, hasLoggedEnd } = workerLog();
  // One after the other, so that the lines are in order.
  const working = new Worker(sql, { tasks: [definition], name, log, slots: 1, ...LIVELY });
  working.start();
  await until(async () => ids.every(hasLoggedEnd));
  await working.stop();
}

async function showReport(sql: Sql, id: string): Promise<void> {
  const ended = await result(sql, id);
  if (ended.status !== "failed") throw new Error(`Task ${id} has ${ended.status}`);
  say();
  for (const line of ended.error.message.split("\n")) say(`  ${line}`.trimEnd());
}

async function showLog(sql: Sql, id: string): Promise<void> {
  eventLog(
    await sql<LoggedEvent[]>`
      select seq, happened_at, position, kind, name, status, output, error
      from events
      where task_id = ${id}
      order by seq`,
  );
}
