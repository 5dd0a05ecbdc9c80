import { setTimeout as pause } from "node:timers/promises";
import { nextMessage, tellParent } from "shared/processes";
import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";

// Runs tasks until none is left. Each handler counts itself in and out in the table `gauges`, which all processes share.
// A gauge also stores the highest count that a key ever had.
const { sql, ledger, engine } = await joinTest<typeof Engine>();
const call = engine.task({
  name: "call",
  run: async ({ key }: { key: string }) => {
    await sql`
      update gauges
      set running = running + 1, most = greatest(most, running + 1)
      where key = ${key}`;
    await sql`update gauges set running = running - 1 where key = ${key}`;
    ledger.write(`ran ${key}`);
  },
});
const log = (line: string) => {
  if (/failed|lost/.test(line)) ledger.write(line);
};
const worker = new engine.Worker(sql, { tasks: [call], slots: 8, pollIntervalMs: 5, log });

const go = nextMessage();
tellParent("ready");
await go;
worker.start();
for (let left = 1; left > 0; ) {
  const [row] = await sql`
    select count(*)::int as left from tasks where status in ('queued', 'running')`;
  left = row?.left;
  await pause(20);
}
await worker.stop();
process.exit(0);
