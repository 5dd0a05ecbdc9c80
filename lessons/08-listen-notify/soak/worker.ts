import { appendFileSync } from "node:fs";
import { connect } from "shared/database";
import { endWithParent, Ledger, nextMessage, tellParent } from "shared/processes";
import type * as Engine from "#engine";
import { randomFrom } from "./random.ts";
import { soakTasks } from "./tasks.ts";

// One worker, in a process of its own; started by the fleet.
endWithParent();
const { SOAK_URL, SOAK_ENGINE, SOAK_LEDGER, SOAK_LOG, SOAK_SEED, SOAK_LEASE_MS } = process.env;
if (!SOAK_URL || !SOAK_ENGINE || !SOAK_LEDGER || !SOAK_LOG || !SOAK_SEED || !SOAK_LEASE_MS) {
  throw new Error("This process is started by the soak: pnpm soak");
}

// `#engine` is always that of this lesson, and the soak may be of a later one.
const engine = (await import(SOAK_ENGINE)) as typeof Engine;
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
// A pool that has lost its connections may take its time; a slot that is not given back keeps it for longer.
const closed = nextMessage("close").then(() => worker.stop({ deadlineMs: 30_000 }));
tellParent("ready");
await Promise.race([engine.runUntilSignal(worker, { deadlineMs }), closed]);
process.exit(0);
