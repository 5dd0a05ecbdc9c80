import { section, table, title } from "shared/console";
import { withLessonDatabase } from "shared/database";
import { changeSteps, deployVersion2 } from "./story/compare.ts";
import { connectLesson05, deployAsLesson05, raceAsLesson05 } from "./story/lesson-05.ts";
import { race } from "./story/order.ts";
import { deployVersion3 } from "./story/patches.ts";
import { printTicket } from "./story/special-calls.ts";

await withLessonDatabase(import.meta.url, async ({ sql, url }) => {
  title("06 · Tracking non-determinism");
  const lesson05 = await connectLesson05(url);

  section("Watch lesson 05 fail");
  await deployAsLesson05(lesson05);

  section("Watch lesson 05 run a race");
  await raceAsLesson05(lesson05);
  await lesson05.end();

  section("Deploy version 2");
  const id = await deployVersion2(sql);

  section("Change a step");
  await changeSteps(sql);

  section("Run the race");
  await race(sql);

  section("Print a ticket");
  await printTicket(sql);

  section("Deploy version 3");
  await deployVersion3(sql, id);

  section("The rows");
  table(
    await sql`
      select id, name, status, attempt, event_count as events,
             coalesce(output #>> '{}', error ->> 'name', '') as "output or error"
      from tasks
      order by id`,
  );
});
