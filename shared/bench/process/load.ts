import { connect } from "../../database/index.ts";
import { endWithParent, nextMessage, tellParent } from "../../processes/index.ts";
import type { Client } from "../adapter.ts";
import { clockMs } from "../job.ts";
import { adapterOf, jobOfProcess } from "./job-of-process.ts";

// Fills the database of a run. Where tasks are to be enqueued while the clock runs, that is done here too.
endWithParent();
const job = jobOfProcess();
const { tasks, everyMs } = job.size;
const adapter = await adapterOf(job);
const sql = connect(job.url, { max: 1, applicationName: "bench load" });
await adapter.load(job, sql);
await sql.end();

if (everyMs === undefined) {
  tellParent("loaded", "loaded");
} else {
  const client = await adapter.openClient(job);
  const go = nextMessage("go");
  tellParent("loaded", "loaded");
  await go;
  await enqueueOneByOne(client, everyMs);
  await client.close();
  tellParent("enqueued", "enqueued");
}
process.exit(0);

/** Each at its time, however long the one before it took. */
async function enqueueOneByOne(client: Client, everyMs: number): Promise<void> {
  const startMs = clockMs();
  const sent: Promise<void>[] = [];
  for (let n = 0; n < tasks; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, startMs + (n + 1) * everyMs - clockMs()));
    sent.push(client.enqueue({ n, at: clockMs() }));
  }
  await Promise.all(sent);
}
