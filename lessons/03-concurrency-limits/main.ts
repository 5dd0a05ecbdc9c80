import { code, say, section, table, title } from "shared/console";
import { withLessonDatabase } from "shared/database";
import { setConcurrencyLimit } from "./engine/index.ts";
import { killOther, startOther } from "./story/dead-worker.ts";
import { goPastFullKey } from "./story/full-key.ts";
import { failAsLesson02 } from "./story/lesson-02.ts";
import { callWithThreeWorkers } from "./story/workers.ts";

await withLessonDatabase(import.meta.url, async ({ sql, url }) => {
  title("03 · Concurrency limits");

  section("Watch lesson 02 fail");
  await failAsLesson02(url);

  section("Slots bound one worker");
  say(
    "The API is up again, and 500 new tasks wait. Three workers of this lesson have 8 slots each.",
  );
  say(
    "From left to right, what ran at each moment; a full block is 8 tasks, or 10 calls of the API:",
  );
  say();
  await callWithThreeWorkers(sql, {});
  say(
    "No worker ran more than 8 tasks at once. But nobody counts over all three, and 3 × 8 is 24.",
  );

  // A process takes a moment to start; this one does while the next part is told.
  const other = startOther(url);

  section("A limit over all workers");
  say("The API is up again, for three workers as before. The new tasks share a concurrency key:");
  say();
  say(`  ${code('setConcurrencyLimit(sql, "api", 10)')}`);
  say(`  ${code('enqueue(sql, callApi, n, { concurrencyKey: "api" })')}`);
  say();
  await setConcurrencyLimit(sql, "api", 10);
  const most = await callWithThreeWorkers(sql, { concurrencyKey: "api" });
  say(`The API had ${most} calls at once, and not one more.`);

  section("A full key blocks no other");
  await goPastFullKey(sql);

  section("Break it");
  await killOther(sql, other);
  say();
  say("The table says that ten are running, and nobody is left who will say otherwise. No task of");
  say("this key will ever start again.");

  section("What it left");
  const left = await sql`
    select name, concurrency_key as key, status, count(*)::int
    from tasks
    group by 1, 2, 3
    order by min(id), 3`;
  table(left);
});
