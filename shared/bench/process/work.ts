import { endWithParent, nextMessage, tellParent } from "../../processes/index.ts";
import type { Report } from "../job.ts";
import { adapterOf, jobOfProcess } from "./job-of-process.ts";
import { Meter } from "./meter.ts";
import { peakBytes } from "./peak.ts";

// The process that is measured: one worker of one engine, and nothing else.
const STOP_WITHIN_MS = 15_000;

endWithParent();
const job = jobOfProcess();
const meter = new Meter(job, {
  onEnough: () => tellParent(meter.enoughAtMs, "enough"),
  onHang: () => tellParent("hangs", "hangs"),
});
const go = nextMessage("go");
const stop = nextMessage("stop");
const worker = await (await adapterOf(job)).openWorker(job, meter);
tellParent("ready", "ready");
await go;
await worker.start();
await stop;
// Read before the engine is taken down: what that takes is not its work.
const peak = peakBytes();
const drained = await Promise.race([
  worker.stop().then(() => true),
  new Promise<boolean>((resolve) => setTimeout(resolve, STOP_WITHIN_MS, false)),
]);
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
// What the engine left open must not keep the process; the message has to be on its way.
setTimeout(() => process.exit(0), 50);
