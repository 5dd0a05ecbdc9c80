import { one, pgtyped, type Sql } from "shared/database";
import { freshDatabase, row } from "shared/testing";
import { expect, test } from "vitest";
import { type DurableContext, durableTask, enqueue, task, Worker } from "#engine";
import type { LoggedEvent } from "#engine/durable/event-log.ts";
import { claimTasks, endRun, insertWorker, startChild, suspendTask } from "../sql/queries.ts";

type Handler = (context: Pick<DurableContext, "run">) => Promise<unknown>;

test("an exception runs a `finally` block before the child has begun", async () => {
  const did: string[] = [];
  const pack = packing(did);
  const handler: Handler = async ({ run }) => {
    did.push("take the shelf");
    try {
      return await run(pack, 3);
    } finally {
      did.push("free the shelf");
    }
  };
  await workThrowing(handler, pack);
  expect(did).toEqual([
    "take the shelf",
    "free the shelf",
    "pack",
    "take the shelf",
    "free the shelf",
  ]);

  did.length = 0;
  await workSuspending(handler, pack);
  expect(did).toEqual(["take the shelf", "pack", "take the shelf", "free the shelf"]);
});

test("an exception is caught by a handler that expects a failure of its child", async () => {
  const pack = packing([]);
  const handler: Handler = ({ run }) => run(pack, 3).catch(() => "without a box");
  expect(await workThrowing(handler, pack)).toMatchObject({ output: "without a box" });
  expect(await workSuspending(handler, pack)).toMatchObject({ output: "a box of 3" });
});

function packing(did: string[]) {
  return task({
    name: "pack",
    run: (items: number) => {
      did.push("pack");
      return `a box of ${items}`;
    },
  });
}

/** Runs an order on the engine and returns its row. */
async function workSuspending(
  handler: Handler,
  pack: ReturnType<typeof packing>,
): Promise<unknown> {
  const { sql } = await freshDatabase();
  const order = durableTask({ name: "order", run: (_: null, context) => handler(context) });
  const id = await enqueue(sql, order, null);
  const worker = new Worker(sql, { tasks: [order, pack], log: () => {} });
  while ((await worker.tick()) > 0);
  return row(sql, id);
}

/** The same on an engine that suspends a handler by an exception. */
async function workThrowing(handler: Handler, pack: ReturnType<typeof packing>): Promise<unknown> {
  const { sql } = await freshDatabase();
  const id = await enqueue(sql, durableTask({ name: "order", run: () => {} }), null);
  await runOrder(sql, handler);
  await new Worker(sql, { tasks: [pack], log: () => {} }).tick();
  await runOrder(sql, handler);
  return row(sql, id);
}

class Suspended extends Error {}

/** Runs the order that is due, if there is one, until it has ended or waits for a child. */
async function runOrder(sql: Sql, handler: Handler): Promise<void> {
  const db = pgtyped(sql);
  const { id: workerId } = one(await insertWorker.run({ name: "thrower", leaseMs: 60_000 }, db));
  const [order] = await claimTasks.run(
    { workerId, queue: "default", names: ["order"], limit: 1 },
    db,
  );
  if (!order) return;
  const { id, fence } = order;
  const events = (order.events ?? []) as LoggedEvent[];
  let position = 0;

  async function run(definition: { name: string }, input: unknown): Promise<unknown> {
    position += 1;
    const logged = events.filter((event) => event.position === position);
    const end = logged.find(({ status }) => status === "succeeded");
    if (end) return end.output;
    if (logged.length === 0) {
      const call = { taskId: id, fence, position, name: definition.name, inputHash: null };
      const child = { input: JSON.stringify(input), maxAttempts: 1 };
      await startChild.run({ ...call, attempt: 1, ...child }, db);
    }
    throw new Suspended();
  }

  try {
    const output = await handler({ run: run as DurableContext["run"] });
    const outcome = { status: "succeeded", isDropped: false, isDifferent: false } as const;
    await endRun.run({ id, fence, ...outcome, output: JSON.stringify(output) }, db);
  } catch (thrown) {
    if (!(thrown instanceof Suspended)) throw thrown;
    // The start of the child is the only event of the log.
    await suspendTask.run({ taskId: id, fence, seen: 1, isIdle: true }, db);
  }
}
