import * as lesson01 from "lesson-01/engine/index.ts";
import { say, table } from "shared/console";
import { connectToTables } from "shared/story";
import { charge } from "./tasks.ts";

/** Runs two charges on lesson 01's worker, with lesson 01's table in a separate schema. */
export async function failAsLesson01(url: string): Promise<void> {
  const tables = new URL("../../01-prerequisites/sql/schema.sql", import.meta.url);
  const sql = await connectToTables(url, tables, {
    schema: "lesson_01",
    applicationName: "lesson-02",
  });

  await lesson01.enqueue(sql, charge, { card: "4242" });
  await lesson01.enqueue(sql, charge, { card: "5555" });
  const worker = new lesson01.Worker(sql, { tasks: [charge] });
  for (let tick = 1; tick <= 3; tick += 1) {
    await worker.tick().catch((error) => say(`  tick ${tick} threw: ${error.message}`));
  }
  say();
  table(await sql`select * from tasks order by id`);
  say();
  say("The card was charged three times. The table records neither the attempts nor the error,");
  say("and task 1 is claimed first every time, so task 2 never runs.");
  await sql.end();
}
