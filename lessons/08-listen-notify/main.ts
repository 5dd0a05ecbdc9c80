import { section, title } from "shared/console";
import { withLessonDatabase } from "shared/database";
import { goDeaf } from "./story/deaf.ts";
import { callOne } from "./story/one-call.ts";
import { closeSides, openSides } from "./story/sides.ts";
import { compareThroughput } from "./story/throughput.ts";
import { compareWaits } from "./story/waits.ts";

await withLessonDatabase(import.meta.url, async ({ sql, url }) => {
  title("08 · Listen/notify");
  const sides = await openSides(sql, url);

  section("Watch lesson 07 wait");
  await compareWaits(sql, sides);

  section("Side by side");
  await compareThroughput(sql, sides);

  section("Break it");
  await goDeaf(sql, url);

  section("Who is called");
  await callOne(sql, url);
  await closeSides(sides);
});
