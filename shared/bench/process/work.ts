import { endWithParent, nextMessage, tellParent } from "../../runtime/processes/index.ts";
import type { Report } from "../job.ts";
import { adapterOf, jobOfProcess } from "./job-of-process.ts";
import { Meter } from "./meter.ts";
import { peakBytes } from "./peak.ts";
import { stopInTime } from "./stop.ts";
import { warmUp } from "./warm-up.ts";

// The measured process: one worker of one engine, and nothing else. A warm-up worker runs in it first.
const STOP_WITHIN_MS = 15_000;

endWithParent();
const job = jobOfProcess();
const meter = new Meter(job, {
  onEnough: () => tellParent(meter.enoughAtMs, "enough"),
  onHang: () => tellParent("hangs", "hangs"),
});
const open = nextMessage("open");
const go = nextMessage("go");
const stop = nextMessage("stop");
const adapter = await adapterOf(job);
if (job.warmUp !== undefined) {
  const { atMostMs } = job.warmUp;
  tellParent(await warmUp(adapter, job.warmUp, { atMostMs }).then(() => "", String), "warm");
  await open;
}
const worker = await adapter.openWorker(job, meter);
tellParent("ready", "ready");
await go;
await worker.start();
await stop;
// Read before the engine stops: memory used for the shutdown does not count.
const peak = peakBytes();
const drained = await stopInTime(worker, STOP_WITHIN_MS);
tellParent(
  {
    tally: meter.tally(),
    latenciesMs: meter.latenciesMs,
    enoughAtMs: meter.enoughAtMs,
    peakBytes: peak,
    drained,
  } satisfies Report,
  "report",
);
// The report of a million tasks takes a while to arrive, so the parent ends this process once it has the report.
