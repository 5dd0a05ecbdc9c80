import { say, section, title } from "shared/console";
import { withLessonDatabase } from "shared/database";
import { cancelAlbum } from "./story/cancel.ts";
import { waitAsLesson06 } from "./story/lesson-06.ts";
import { retryAndReplay } from "./story/retry-replay.ts";
import { runInOneSlot } from "./story/sum.ts";
import { compareRuns } from "./story/survey-counts.ts";
import { showTasks, showTree } from "./story/survey-rows.ts";
import { runDisturbed, runUndisturbed } from "./story/survey-runs.ts";
import { startSurveyWorkers } from "./story/survey-workers.ts";
import { catchAFailure } from "./story/trip.ts";

await withLessonDatabase(import.meta.url, async (database) => {
  const { sql, url } = database;
  title("07 · Durable tasks");
  // They take a few seconds to start. The agent needs them at the end.
  const workers = startSurveyWorkers(url);

  section("Watch lesson 06 fail");
  say("A parent adds its child in a step, and polls until the child has ended. The worker has");
  say("one slot:");
  say();
  await waitAsLesson06(url);
  say();
  say("The parent occupies the slot until its child has ended, and the child needs the slot to");
  say("start. With more slots, the same happens as soon as each of them runs a parent.");

  section("A tree of tasks in one slot");
  say("Now each branch of [1, [2, [3, 4]], [5]] is a child. Its parent is suspended meanwhile:");
  say();
  await runInOneSlot(sql, url);

  section("A child fails");
  await catchAFailure(sql, url);

  section("Cancel a tree");
  await cancelAlbum(sql, url);

  section("Retry and replay");
  await retryAndReplay(sql, url);

  section("An agent");
  say("An agent answers a question about the code of these lessons. It plans, starts a child for");
  say("each lesson, looks at one of them more closely, and writes a report. A few rules replace");
  say("the language model. It runs twice, and the second time we disturb it:");
  say();
  // While processes start, a heartbeat may come too late for a short lease.
  await workers.ready;
  const undisturbed = await runUndisturbed(sql, url);
  say();
  const disturbed = await runDisturbed(database, workers);
  say();
  await compareRuns(sql, undisturbed, disturbed);

  section("Its report");
  for (const line of disturbed.report) say(`  ${line}`.trimEnd());

  section("The rows");
  await showTree(sql, disturbed.id);
  say();
  await showTasks(sql, disturbed.id);
  for (const { ledger } of [undisturbed, disturbed]) ledger.remove();
});
