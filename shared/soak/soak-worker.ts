import { appendFileSync } from "node:fs";
import { loadEngine } from "../commands/engine.ts";
import { connect } from "../runtime/database/index.ts";
import { endWithParent, Ledger, nextMessage, tellParent } from "../runtime/processes/index.ts";
import { randomFrom } from "../testing/random.ts";
import { soakTasks } from "./soak-tasks.ts";

// A process with one worker, started by the fleet.
endWithParent();
const { SOAK_URL, SOAK_LESSON, SOAK_LEDGER, SOAK_LOG, SOAK_SEED, SOAK_LEASE_MS } = process.env;
if (!SOAK_URL || !SOAK_LESSON || !SOAK_LEDGER || !SOAK_LOG || !SOAK_SEED || !SOAK_LEASE_MS) {
  throw new Error("This program must be started by the soak; run: pnpm soak");
}

const engine = await loadEngine(SOAK_LESSON);
const leaseMs = Number(SOAK_LEASE_MS);
const worker = new engine.Worker(connect(SOAK_URL, { max: 6, applicationName: "soak worker" }), {
  tasks: soakTasks(engine, new Ledger(SOAK_LEDGER)).known,
  slots: 8,
  pollIntervalMs: 50,
  heartbeatIntervalMs: leaseMs / 5,
  leaseMs,
  graceMs: 500,
  log: (line) => appendFileSync(SOAK_LOG, `${new Date().toISOString()} ${line}\n`),
});
const deadlineMs = randomFrom(Number(SOAK_SEED)).below(1_500);
// Reconnecting takes a pool a while, but less than this. Only a slot that is never freed takes longer.
const closed = nextMessage("close").then(() => worker.stop({ deadlineMs: 30_000 }));
tellParent("ready");
await Promise.race([engine.runUntilSignal(worker, { deadlineMs }), closed]);
process.exit(0);
