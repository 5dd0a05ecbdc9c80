import { fileURLToPath } from "node:url";
import * as lesson05 from "lesson-05/engine/index.ts";
import { eventLog, type LoggedEvent, say, workerLog } from "shared/console";
import type { Sql } from "shared/database";
import { type StartedProcess, startProcess } from "shared/processes";
import { connectToTables, LIVELY, until, untilAtItsPlace } from "shared/story";
import { version2 } from "./orders.ts";
import { giveJob } from "./quote.ts";

const SCHEMA = "lesson_05";

/** Starts a worker of lesson 05 in a process of its own, which waits for a word before it begins. */
export function startLesson05(url: string, name: string): StartedProcess {
  const script = fileURLToPath(new URL("lesson-05-process.ts", import.meta.url));
  return startProcess(script, { DATABASE: url, SCHEMA, NAME: name });
}

/** Connects to lesson 05's tables, in a schema of their own, which it makes. */
export async function connectLesson05(url: string): Promise<Sql> {
  const tables = new URL("../../05-event-log/sql/schema.sql", import.meta.url);
  const sql = await connectToTables(url, tables, { schema: SCHEMA, applicationName: "lesson-06" });
  return sql;
}

/** Deploys version 2 on lesson 05's engine while an order of version 1 is half way. */
export async function deployAsLesson05(sql: Sql, doomed: StartedProcess): Promise<void> {
  const order = lesson05.task({ name: "order", run: version2("worker-2") });
  const id = await lesson05.enqueue(sql, order, { customer: "Ada" });
  await untilAtItsPlace(doomed);
  await doomed.kill();
  say("  kill -9 worker-1, and version 2 is deployed");
  await workUntilSucceeded(sql, id, "worker-2", order);
  say();
  say("Version 2 asks for the billing address first, and gets what the log holds as the first");
  say("answer. The goods are on their way to a bank, and nothing says that something is wrong.");
}

/** Replays a race on lesson 05's engine. */
export async function raceAsLesson05(sql: Sql, doomed: StartedProcess): Promise<void> {
  const quote = lesson05.task({
    name: "quote",
    run: (_: null, context) => giveJob(context, "worker-4"),
  });
  const id = await lesson05.enqueue(sql, quote, null);
  await untilAtItsPlace(doomed);
  await doomed.kill();
  say("  kill -9 worker-3");
  await workUntilSucceeded(sql, id, "worker-4", quote);
  say();
  say("South has the promise, and North is booked. Both answers were in the log, so the second");
  say("race was one between two that answer at once, and it went to the one that was asked first.");
}

async function workUntilSucceeded(
  sql: Sql,
  id: string,
  name: string,
  definition: lesson05.TaskDefinition<never, unknown>,
): Promise<void> {
  const { log, hasLoggedEnd } = workerLog();
  const worker = new lesson05.Worker(sql, { tasks: [definition], name, log, ...LIVELY });
  worker.start();
  await until(async () => hasLoggedEnd(id));
  await worker.stop();
  say();
  eventLog(
    await sql<LoggedEvent[]>`
      select seq, happened_at, position, kind, name, status, output, error
      from events
      where task_id = ${id}
      order by seq`,
  );
}
