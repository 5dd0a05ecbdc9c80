import { connect } from "../../runtime/database/index.ts";
import { endWithParent, nextMessage, tellParent } from "../../runtime/processes/index.ts";
import type { EngineClient } from "../adapter.ts";
import { type BenchJob, clockMs } from "../job.ts";
import { adapterOf, jobOfProcess } from "./job-of-process.ts";

// Loads the tasks of a run and of its warm-up into their databases. For workloads that enqueue tasks during the
// measurement, this process also enqueues them.
endWithParent();
const job = jobOfProcess();
const { tasks, everyMs } = job.size;
const adapter = await adapterOf(job);
if (job.warmUp !== undefined) await load(job.warmUp);
await load(job);

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

async function load(each: BenchJob): Promise<void> {
  const sql = connect(each.url, { max: 1, applicationName: "bench load" });
  await adapter.load(each, sql);
  await sql.end();
}

/** Enqueues each task at its scheduled time, without waiting for the previous call to return. */
async function enqueueOneByOne(client: EngineClient, everyMs: number): Promise<void> {
  const startMs = clockMs();
  const sent: Promise<void>[] = [];
  for (let n = 0; n < tasks; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, startMs + (n + 1) * everyMs - clockMs()));
    sent.push(client.enqueue({ n, at: clockMs() }));
  }
  await Promise.all(sent);
}
