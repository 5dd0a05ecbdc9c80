import { fileURLToPath } from "node:url";
import * as lesson04 from "lesson-04/engine/index.ts";
import { say, table, workerLog } from "shared/console";
import { type Ledger, type StartedProcess, startProcess } from "shared/processes";
import { connectToTables, LIVELY, until, untilAtItsPlace } from "shared/story";
import { Outside } from "./outside.ts";

const SCHEMA = "lesson_04";

/** The same order as a handler of lesson 04 has to do it. */
export function lesson04Order(outside: Outside) {
  return lesson04.task({
    name: "order",
    run: async (_: { item: string }) => {
      const shelf = outside.reserve();
      const receipt = await outside.charge();
      await outside.ship();
      return { shelf, receipt };
    },
  });
}

/** Starts a worker of lesson 04 in a process of its own, which waits for a word before it begins. */
export function startLesson04(url: string, ledger: Ledger): StartedProcess {
  const script = fileURLToPath(new URL("lesson-04-process.ts", import.meta.url));
  return startProcess(script, { DATABASE: url, SCHEMA, LEDGER: ledger.file });
}

/** Kills a worker of lesson 04 after it has charged, and lets another one take the order over. */
export async function failAsLesson04(
  url: string,
  ledger: Ledger,
  doomed: StartedProcess,
): Promise<void> {
  const tables = new URL("../../04-queue-improvements/sql/schema.sql", import.meta.url);
  const sql = await connectToTables(url, tables, { schema: SCHEMA, applicationName: "lesson-05" });
  const outside = new Outside(ledger, "worker-2");
  const order = lesson04Order(outside);
  const id = await lesson04.enqueue(sql, order, { item: "a lamp" });

  await untilAtItsPlace(doomed);
  await doomed.kill();
  say("  kill -9 worker-1");
  // Its lease is over; in life one waits for that.
  await sql`update workers set lease_expires_at = now()`;
  const { log, hasLoggedEnd } = workerLog();
  const worker = new lesson04.Worker(sql, { tasks: [order], name: "worker-2", log, ...LIVELY });
  worker.start();
  await until(async () => hasLoggedEnd(id));
  await worker.stop();
  say();
  table(outside.totals());
  say();
  say("The order has succeeded. The customer has paid twice.");
  await sql.end();
}
