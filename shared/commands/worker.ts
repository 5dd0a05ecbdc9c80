import { connect } from "../runtime/database/index.ts";
import { numberFrom, runCommand } from "./command-line.ts";
import { readerTasks } from "./reader-tasks.ts";

// Short enough to observe the effect of a kill, and long enough for a busy laptop.
const TIMING = { leaseMs: 5_000, heartbeatIntervalMs: 1_000 };

await runCommand({
  usage: "worker [--slots 2] [--name worker-a]",
  about: `Runs tasks until Ctrl-C, as many at once as it has slots. Start it in as many terminals as you like, and
kill one (kill -9): ${TIMING.leaseMs / 1_000} seconds later the others take over its tasks.`,
  options: {
    slots: { type: "string", about: "how many tasks it runs at once. Default: 2" },
    name: {
      type: "string",
      about: "the prefix of its log lines. Default: worker- and its process id",
    },
  },
  async run({ number, engine, database }, { options }) {
    const { name = `worker-${process.pid}`, slots = "2" } = options;
    const applicationName = `lesson-${number} worker`;
    const sql = connect(database.url, { planOnce: true, applicationName });
    const { tasks } = readerTasks(engine, number);
    const worker = new engine.Worker(sql, {
      tasks,
      name,
      slots: numberFrom("slots", slots),
      ...TIMING,
    });
    const known = tasks.map((task) => task.name).join(", ");
    console.log(`${name} (process ${process.pid}) runs ${known}; Ctrl-C stops it`);
    await engine.runUntilSignal(worker);
    await sql.end();
  },
});
