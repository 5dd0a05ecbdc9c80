import { nextMessage, tellParent } from "shared/processes";
import { durableTaskOf } from "shared/testing/durable-task";
import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";

// A worker whose tasks ask again and again, and catch every error. It stops when it gets a message. If one of its handlers
// kept the event loop busy, it would neither write outcomes nor get the message.
const { sql, engine } = await joinTest<typeof Engine>();
const define = durableTaskOf(engine);
const loop = async (_: null, { step }: Engine.TaskContext) => {
  let ok = false;
  while (!ok) ok = await step("ready?", () => false).catch(() => false);
};
const tasks = [
  define({ name: "timed out", timeoutMs: 50, run: loop }),
  define({ name: "cancelled", run: loop }),
  define({ name: "stopped", run: loop }),
];
const worker = new engine.Worker(sql, { tasks, heartbeatIntervalMs: 20, log: () => {} });
worker.start();
const message = nextMessage();
tellParent("started");
await message;
await worker.stop({ deadlineMs: 0 });
process.exit(0);
