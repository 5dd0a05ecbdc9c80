import { section, table, title } from "shared/console";
import { withLessonDatabase } from "shared/database";
import { chooseWork } from "./story/choose-work.ts";
import { failAsLesson03, startLesson03 } from "./story/lesson-03.ts";
import { stopWork } from "./story/stop-work.ts";
import { freezeWorker, killEveryWorker, killWorker } from "./story/survive-a-crash.ts";
import { tryAgain } from "./story/try-again.ts";
import { startWorkerProcess } from "./story/workers.ts";

await withLessonDatabase(import.meta.url, async ({ sql, url }) => {
  title("04 · Queue improvements");
  // Processes take a moment to start. These start while the first sections are printed.
  const ofLesson03 = startLesson03(url);
  const killed = startWorkerProcess(url, "worker-1", "is killed");
  const frozen = startWorkerProcess(url, "worker-3", "is frozen, then stopped");
  const poisoned = [4, 5].map((n) => startWorkerProcess(url, `worker-${n}`, "is poisoned"));

  section("Watch lesson 03 fail");
  await failAsLesson03(url, ofLesson03);

  section("Kill a worker");
  await killWorker(sql, killed);

  section("Freeze a worker");
  await freezeWorker(sql, frozen);

  section("Kill every worker");
  await killEveryWorker(sql, poisoned);

  section("Try again");
  await tryAgain(sql);

  section("Stop work");
  await stopWork(sql, frozen);

  section("Choose work");
  await chooseWork(sql);

  section("The rows");
  table(
    await sql`
      select id, name, status, attempt, fence,
             coalesce(output #>> '{}', error ->> 'message', '') as "output or error"
      from tasks
      order by id`,
  );
});
