import * as lesson02 from "lesson-02/engine/index.ts";
import { say, table } from "shared/console";
import { transaction } from "shared/database";
import { connectToTables } from "shared/story";
import { call, startApi } from "./api.ts";
import { Gauge } from "./gauge.ts";
import { TASKS, untilAllEnded } from "./workers.ts";

/** Lets lesson 02's worker call the API, on lesson 02's tables in a schema of their own. */
export async function failAsLesson02(url: string): Promise<void> {
  const tables = new URL("../../02-simple-queue/sql/schema.sql", import.meta.url);
  const sql = await connectToTables(url, tables, {
    schema: "lesson_02",
    applicationName: "lesson-03",
  });

  say(
    `${TASKS} tasks wait, and each is one call of an API. The API can take 10 calls at once; with`,
  );
  say("one more it falls over, and answers 503 to everything, until somebody starts it again.");
  say();
  const api = await startApi();
  const gauge = new Gauge();
  const callApi = lesson02.task({ name: "call-api", run: () => gauge.during(() => call(api)) });
  await transaction(sql, async (tx) => {
    await Promise.all(Array.from({ length: TASKS }, (_, n) => lesson02.enqueue(tx, callApi, n)));
  });
  const worker = new lesson02.Worker(sql, { tasks: [callApi], log: () => {} });
  worker.start();
  await untilAllEnded(sql);
  await worker.stop();

  say(`Lesson 02's worker claims a batch and starts all of it: ${gauge.most} calls at once.`);
  say();
  const outcomes = await sql`
    select status, count(*)::int, error ->> 'message' as error
    from tasks
    group by 1, 3`;
  table(outcomes);
  api.close();
  await sql.end();
}
