import { fileURLToPath } from "node:url";
import * as lesson04 from "lesson-04/engine/index.ts";
import { say, table, workerLog } from "shared/console";
import { type Ledger, type StartedProcess, startProcess } from "shared/processes";
import { connectToTables, LIVELY, until, untilAtItsPlace } from "shared/story";
import { Services } from "./services.ts";

const SCHEMA = "lesson_04";

/** An order as a handler of lesson 04. */
export function lesson04Order(services: Services) {
  return lesson04.task({
    name: "order",
    run: async (_: null) => {
      const shelf = services.reserve();
      const receipt = await services.charge();
      await services.ship();
      return { shelf, receipt };
    },
  });
}

/** Starts a worker of lesson 04 in a process of its own. It waits for a message before it claims anything. */
export function startLesson04(url: string, ledger: Ledger): StartedProcess {
  const script = fileURLToPath(new URL("lesson-04-process.ts", import.meta.url));
  return startProcess(script, { DATABASE: url, SCHEMA, LEDGER: ledger.file });
}

/** Kills a worker of lesson 04 after it has charged, and lets another worker run the order again. */
export async function failAsLesson04(
  url: string,
  killed: StartedProcess,
  ledger: Ledger,
): Promise<void> {
  const tables = new URL("../../04-queue-improvements/sql/schema.sql", import.meta.url);
  const sql = await connectToTables(url, tables, { schema: SCHEMA, applicationName: "lesson-05" });
  const services = new Services(ledger, "worker-2");
  const order = lesson04Order(services);
  const id = await lesson04.enqueue(sql, order, null);

  await untilAtItsPlace(killed);
  await killed.kill();
  say("  kill -9 worker-1");
  // The lease would expire anyway; the story need not wait for it here.
  await sql`update workers set lease_expires_at = now()`;
  const { log, hasLoggedEnd } = workerLog();
  const worker = new lesson04.Worker(sql, { tasks: [order], name: "worker-2", log, ...LIVELY });
  worker.start();
  await until(async () => hasLoggedEnd(id));
  await worker.stop();
  say();
  table(services.totals());
  await sql.end();
}
