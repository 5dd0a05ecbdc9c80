import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as lesson05 from "lesson-05/engine/index.ts";
import { eventLog, type LoggedEvent, say } from "shared/console";
import { connect, type Sql } from "shared/database";
import { type StartedProcess, startProcess } from "shared/processes";
import { LIVELY } from "./lively.ts";
import { version2 } from "./orders.ts";
import { until, untilHalfWay } from "./processes.ts";

const SCHEMA = "lesson_05";

/** Starts a worker of lesson 05 in a process of its own, which waits for a word before it begins. */
export function startLesson05(url: string): StartedProcess {
  const script = fileURLToPath(new URL("lesson-05-process.ts", import.meta.url));
  return startProcess(script, { DATABASE: url, SCHEMA });
}

/** Deploys version 2 on lesson 05's engine while an order of version 1 is half way. */
export async function failAsLesson05(
  database: Sql,
  url: string,
  doomed: StartedProcess,
): Promise<void> {
  await database`create schema ${database(SCHEMA)}`;
  const sql = connect(url, { schema: SCHEMA, applicationName: "lesson-06" });
  const schema = new URL("../../05-event-log/sql/schema.sql", import.meta.url);
  await sql.unsafe(readFileSync(schema, "utf8"));
  const order = lesson05.task({ name: "order", run: version2("worker-2") });
  const id = await lesson05.enqueue(sql, order, { customer: "Ada" });

  await untilHalfWay(doomed);
  await doomed.kill();
  say("  kill -9 worker-1, and version 2 is deployed");
  const log = (line: string) => say(`  ${line}`);
  const worker = new lesson05.Worker(sql, { tasks: [order], name: "worker-2", log, ...LIVELY });
  worker.start();
  await until(async () => (await lesson05.result(sql, id)).status === "succeeded");
  await worker.stop();
  say();
  eventLog(
    await sql<LoggedEvent[]>`
      select seq, happened_at, position, kind, name, status, output, error from events order by seq`,
  );
  say();
  say("Version 2 has asked for the billing address first, and got what its log holds as the first");
  say(
    "answer. The goods are on their way to a bank, and no line of this says that anything is wrong.",
  );
  await sql.end();
}
