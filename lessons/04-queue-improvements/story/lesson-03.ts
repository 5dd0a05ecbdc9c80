import { fileURLToPath } from "node:url";
import * as lesson03 from "lesson-03/engine/index.ts";
import { say, table } from "shared/console";
import { type StartedProcess, startProcess } from "shared/processes";
import { connectToTables, untilAtItsPlace } from "shared/story";

const SCHEMA = "lesson_03";

/** Starts a worker of lesson 03 in a process of its own. It waits for a message before it claims anything. */
export function startLesson03(url: string): StartedProcess {
  const script = fileURLToPath(new URL("lesson-03-process.ts", import.meta.url));
  return startProcess(script, { DATABASE: url, SCHEMA });
}

/** Kills a worker of lesson 03 in the middle of a task, and gives another worker a call that fails once. */
export async function failAsLesson03(url: string, killed: StartedProcess): Promise<void> {
  const tables = new URL("../../03-concurrency-limits/sql/schema.sql", import.meta.url);
  const sql = await connectToTables(url, tables, { schema: SCHEMA, applicationName: "lesson-04" });
  const render = lesson03.task({ name: "render", run: () => {} });
  const call = lesson03.task({
    name: "call",
    run: () => {
      throw new Error("the service is down");
    },
  });

  await lesson03.enqueue(sql, render, null);
  await untilAtItsPlace(killed);
  await killed.kill();
  say("  kill -9 worker-1");
  await lesson03.enqueue(sql, call, null);
  const log = (line: string) => say(`  ${line}`);
  await new lesson03.Worker(sql, { tasks: [render, call], name: "worker-2", log }).tick();
  say();
  table(await sql`select id, name, status, error ->> 'message' as error from tasks order by id`);
  await sql.end();
}
