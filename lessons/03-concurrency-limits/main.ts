import { code, say, section, table, title } from "shared/console";
import { withLessonDatabase } from "shared/database";
import { setConcurrencyLimit } from "./engine/index.ts";
import { killOther, startOther } from "./story/dead-worker.ts";
import { runBesideFullKey } from "./story/full-key.ts";
import { failAsLesson02 } from "./story/lesson-02.ts";
import { callWithThreeWorkers } from "./story/workers.ts";

await withLessonDatabase(import.meta.url, async ({ sql, url }) => {
  title("03 · Concurrency limits");

  section("Watch lesson 02 fail");
  await failAsLesson02(url);

  section("Slots limit one worker");
  say("The API has been restarted, and 500 new tasks are queued. Three workers have 8 slots each.");
  say("Time goes from left to right; a full block is 8 running tasks, or 10 calls to the API:");
  say();
  const withSlots = await callWithThreeWorkers(sql, {});
  say(`Each worker ran 8 tasks at once. Together they made ${withSlots} calls at once.`);

  // A process takes a moment to start. This one starts during the next section.
  const other = startOther(url);

  section("A limit across all workers");
  say("The API has been restarted again. The 500 new tasks have a concurrency key:");
  say();
  say(`  ${code('setConcurrencyLimit(sql, "api", 10)')}`);
  say(`  ${code('enqueue(sql, callApi, n, { concurrencyKey: "api" })')}`);
  say();
  await setConcurrencyLimit(sql, "api", 10);
  const withLimit = await callWithThreeWorkers(sql, { concurrencyKey: "api" });
  say(`The API never had more than ${withLimit} calls at once.`);

  section("A full key does not block others");
  await runBesideFullKey(sql);

  section("Kill a worker");
  await killOther(sql, other);
  say();
  say("Ten tasks are marked as running, and no worker runs them. Until their status changes, no");
  say('task with the key "api" can start.');

  section("The rows it leaves");
  const rows = await sql`
    select name, concurrency_key as key, status, count(*)::int
    from tasks
    group by 1, 2, 3
    order by min(id), 3`;
  table(rows);
});
