import { say, section, title } from "shared/console";
import { withLessonDatabase } from "shared/database";
import { runDisturbed, runUndisturbed } from "./story/agent-runs.ts";
import { compareRuns } from "./story/figures.ts";
import { waitAsLesson06 } from "./story/lesson-06.ts";
import { runOnOneSlot } from "./story/one-slot.ts";
import { retryAndReplay } from "./story/retry-replay.ts";
import { startStaff } from "./story/staff.ts";
import { showTasks, showTree } from "./story/tables.ts";

await withLessonDatabase(import.meta.url, async (database) => {
  const { sql, url } = database;
  title("07 · Durable tasks");
  const staff = startStaff(url);
  // While processes start, a heartbeat may come too late for the story's short leases.
  await staff.ready;

  section("Watch lesson 06 fail");
  await waitAsLesson06(url);

  section("The same tree, one slot");
  await runOnOneSlot(sql, url);

  section("An agent");
  const undisturbed = await runUndisturbed(sql, url);
  say();
  const disturbed = await runDisturbed(database, staff);
  say();
  await compareRuns(sql, undisturbed, disturbed);

  section("Break it");
  await retryAndReplay(sql, url);

  section("What it left");
  await showTree(sql, disturbed.id);
  say();
  await showTasks(sql, disturbed.id);
  for (const { ledger } of [undisturbed, disturbed]) ledger.remove();
});
