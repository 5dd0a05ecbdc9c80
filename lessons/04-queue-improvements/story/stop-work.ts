import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { say } from "shared/console";
import type { Sql } from "shared/database";
import type { StartedProcess } from "shared/processes";
import { until } from "shared/story";
import { cancel, enqueue, task } from "../engine/index.ts";
import { newWorker, runUntilEnded } from "./workers.ts";

/** Ends three handlers early: one by its timeout, one by a cancellation, and one because its worker stops. */
export async function stopWork(sql: Sql, other: StartedProcess): Promise<void> {
  const hang = task({ name: "hang", timeoutMs: 200, run: () => new Promise<void>(() => {}) });
  await runUntilEnded(newWorker(sql, "worker-2", [hang]), await enqueue(sql, hang, null));
  say();

  let isRunning = false;
  const importAll = task({
    name: "import",
    run: async (_: null, { signal }) => {
      isRunning = true;
      await once(signal, "abort");
      say(`  the handler stops: ${signal.reason.message}`);
    },
  });
  const id = await enqueue(sql, importAll, null);
  const worker = newWorker(sql, "worker-2", [importAll]);
  worker.start();
  await until(async () => isRunning);
  say(`  cancel(sql, "${id}")`);
  await cancel(sql, id);
  await runUntilEnded(worker, id);
  say();

  await enqueue(sql, exportSlowly, null);
  await enqueue(sql, sync(), null);
  const bothAreRunning = other.nextMessage();
  other.send("begin");
  await bothAreRunning;
  say("  kill -TERM worker-3");
  other.signal("SIGTERM");
  await other.ended;
}

/** A task that ends 100 ms after its process receives SIGTERM, which is before the deadline. */
export const exportSlowly = task({
  name: "export",
  run: async () => {
    await once(process, "SIGTERM");
    await pause(100);
    return "exported";
  },
});

/** A task that never ends, and ignores its signal. */
export function sync(onStart = () => {}) {
  return task({
    name: "sync",
    run: async () => {
      onStart();
      await new Promise<void>(() => {});
    },
  });
}
