import * as lesson01 from "lesson-01/engine/index.ts";
import { say, table } from "shared/console";
import { connectToTables } from "shared/story";
import { charge } from "./tasks.ts";

/** Gives two charges to lesson 01's worker, on lesson 01's table in a schema of its own. */
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
  say("The rollback undid the claim with everything else. The table knows nothing of three tries,");
  say("the error is gone, and the task stands in front of all others for ever.");
  await sql.end();
}
