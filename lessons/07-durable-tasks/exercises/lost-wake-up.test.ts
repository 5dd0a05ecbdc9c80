import { one, pgtyped, type Queryable, untilWaiting } from "shared/database";
import { freshDatabase, log, oneConnection, row } from "shared/testing";
import { expect, test } from "vitest";
import { durableTask, enqueue, task, Worker } from "#engine";
import { claimTasks, endRun, insertWorker, startChild, suspendTask } from "../sql/queries.ts";

/** A claimed parent and its claimed child. `seen` is the last event that the parent has seen. */
type Family = {
  parent: { taskId: string; fence: number; seen: number };
  child: { id: string; fence: number };
};

const STARTED = "1 child started";
const ENDED = "1 child succeeded";

test("a parent that looks first and suspends afterwards sleeps forever if its child ends in between", async () => {
  const { sql } = await freshDatabase();
  const { parent, child } = await family(sql);
  const [{ eventCount } = { eventCount: 0 }] =
    await sql`select event_count from tasks where id = ${parent.taskId}`;
  await endChild(sql, child);
  if (eventCount === parent.seen) {
    await sql`
      update tasks
      set status = 'suspended',
          worker_id = null
      where id = ${parent.taskId}
        and fence = ${parent.fence}
        and status = 'running'`;
  }

  // The end of its child is in its log, and nothing will ever wake it.
  expect(await row(sql, parent.taskId)).toMatchObject({ status: "suspended", openChildren: 0 });
  expect(await log(sql, parent.taskId)).toEqual([STARTED, ENDED]);
  const waits = durableTask({ name: "parent", run: () => {} });
  expect(await new Worker(sql, { tasks: [waits], log: () => {} }).tick()).toBe(0);
});

test("one statement is no better if it asks another table than that of the row that it waits for", async () => {
  const suspendUnlessLogged = (sql: Queryable, { taskId, fence, seen }: Family["parent"]) =>
    sql.unsafe(
      `update tasks
       set status = 'suspended',
           worker_id = null
       where id = $1
         and fence = $2
         and status = 'running'
         and not exists (select from events where task_id = $1 and seq > $3)`,
      [taskId, fence, seen],
    );
  const { status, log } = await whileItEnds(suspendUnlessLogged);
  expect(log).toEqual([STARTED, ENDED]);
  expect(status).toBe("suspended");
});

test("suspendTask asks the row that it has locked: it returns the end of a child that ended first", async () => {
  const { answer, status } = await whileItEnds((sql, parent) =>
    suspendTask.run({ ...parent, isIdle: true }, pgtyped(sql)),
  );
  expect(answer).toMatchObject([{ verdict: "news", events: [{ seq: 2, status: "succeeded" }] }]);
  expect(status).toBe("running");
});

test("a child that ends second wakes its parent", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const { parent, child } = await family(sql);
  const suspending = await sql.reserve();
  await suspending`begin`;
  await suspendTask.run({ ...parent, isIdle: true }, pgtyped(suspending));
  const { pid, connection } = await oneConnection(database);
  const ending = endChild(connection, child);
  await untilWaiting(sql, pid);
  await suspending`commit`;
  suspending.release();
  await ending;

  expect(await row(sql, parent.taskId)).toMatchObject({ status: "queued", attempt: 1 });
  expect(await log(sql, parent.taskId)).toEqual([STARTED, ENDED]);
});

/** Suspends a parent while the statement that ends its child is not committed yet. */
async function whileItEnds(
  suspend: (sql: Queryable, parent: Family["parent"]) => PromiseLike<unknown>,
) {
  const database = await freshDatabase();
  const { sql } = database;
  const { parent, child } = await family(sql);
  const ending = await sql.reserve();
  await ending`begin`;
  await endChild(ending, child);
  const { pid, connection } = await oneConnection(database);
  const suspended = Promise.resolve(suspend(connection, parent));
  await untilWaiting(sql, pid);
  await ending`commit`;
  ending.release();

  const answer = await suspended;
  const { status } = (await row(sql, parent.taskId)) as { status: string };
  return { answer, status, log: await log(sql, parent.taskId) };
}

async function family(sql: Queryable): Promise<Family> {
  const db = pgtyped(sql);
  const taskId = await enqueue(sql, task({ name: "parent", run: () => {} }), null);
  const { id: workerId } = one(await insertWorker.run({ name: "worker", leaseMs: 60_000 }, db));
  const claim = async (name: string) =>
    one(await claimTasks.run({ workerId, queue: "default", names: [name], limit: 1 }, db));
  const { fence } = await claim("parent");
  const call = { taskId, fence, position: 1, name: "child", inputHash: null, attempt: 1 };
  const { seq } = one(await startChild.run({ ...call, input: "null", maxAttempts: 1 }, db));
  return { parent: { taskId, fence, seen: seq }, child: await claim("child") };
}

function endChild(sql: Queryable, { id, fence }: Family["child"]) {
  const outcome = {
    status: "succeeded",
    output: '"done"',
    isDropped: false,
    isDifferent: false,
  } as const;
  return endRun.run({ id, fence, ...outcome }, pgtyped(sql));
}
