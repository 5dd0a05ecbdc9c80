import * as lesson02 from "lesson-02/engine/index.ts";
import { say, table } from "shared/console";
import { connectToTables } from "shared/story";
import { call, startApi } from "./api.ts";
import { Gauge } from "./gauge.ts";
import { TASKS, untilAllEnded } from "./workers.ts";

/** Runs lesson 02's worker against the API, on lesson 02's tables in a separate schema. */
export async function failAsLesson02(url: string): Promise<void> {
  const tables = new URL("../../02-simple-queue/sql/schema.sql", import.meta.url);
  const sql = await connectToTables(url, tables, {
    schema: "lesson_02",
    applicationName: "lesson-03",
  });

  say(
    `${TASKS} tasks are queued, and each makes one call to an API. The API can handle 10 calls at`,
  );
  say("once. One more call crashes it, and from then on it answers every call with 503.");
  say();
  const api = await startApi();
  const gauge = new Gauge();
  const callApi = lesson02.task({
    name: "call-api",
    run: (_: number) => gauge.during(() => call(api)),
  });
  const tasks = Array.from({ length: TASKS }, (_, n) => ({ input: n }));
  await lesson02.enqueueMany(sql, callApi, tasks);
  const worker = new lesson02.Worker(sql, { tasks: [callApi], log: () => {} });
  worker.start();
  await untilAllEnded(sql);
  await worker.stop();

  say(`Lesson 02's worker claims a batch and starts all of it at once: ${gauge.most} calls.`);
  say();
  const outcomes = await sql`
    select status, count(*)::int, error ->> 'message' as error
    from tasks
    group by 1, 3`;
  table(outcomes);
  api.close();
  await sql.end();
}
