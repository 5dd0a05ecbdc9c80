import { connect } from "shared/database";
import { runUntilSignal, Worker } from "../engine/index.ts";
import { numberFrom, runCommand } from "./command-line.ts";
import { tasks } from "./tasks.ts";

// Short enough to see what a kill does, and long enough for a laptop that is busy.
const TIMING = { leaseMs: 5_000, heartbeatIntervalMs: 1_000 };

await runCommand({
  usage: "worker [--slots 2] [--name worker-a]",
  about: `Runs tasks until Ctrl-C, as many at once as it has slots. Start it in as many terminals as you like, and
kill one (kill -9): the others take over what it ran, ${TIMING.leaseMs / 1_000} seconds later.`,
  options: {
    slots: { type: "string", about: "how many tasks it runs at once; 2 if left out" },
    name: { type: "string", about: "what its lines begin with" },
  },
  async run({ url }, { options }) {
    const { name = `worker-${process.pid}`, slots = "2" } = options;
    const sql = connect(url, { planOnce: true, applicationName: "lesson-08 worker" });
    const worker = new Worker(sql, { tasks, name, slots: numberFrom("slots", slots), ...TIMING });
    const known = tasks.map((task) => task.name).join(", ");
    console.log(`${name} (process ${process.pid}) looks for ${known}; Ctrl-C stops it`);
    await runUntilSignal(worker);
    await sql.end();
  },
});
