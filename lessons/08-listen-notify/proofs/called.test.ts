import { type Sql, transaction } from "shared/database";
import { freshDatabase, Gate } from "shared/testing";
import { describe, expect, test } from "vitest";
import {
  cancel,
  durableTask,
  enqueue,
  enqueueMany,
  replay,
  retry,
  type TaskDefinition,
  task,
  Worker,
} from "#engine";
import { listenToCalls } from "./calls.ts";
import { startIdle } from "./idle-worker.ts";
import { obedient } from "./obedient.ts";

const greet = task({ name: "greet", run: (name: string) => `hello ${name}` });
const parent = durableTask({ name: "parent", run: (name: string, { run }) => run(greet, name) });

type Definition = TaskDefinition<never, unknown>;
type Idle = (definition: Definition) => Promise<void>;

/** What queues tasks while a worker that knows them is `idle`; returns their definition. */
const WAYS: Record<string, (sql: Sql, idle: Idle) => Promise<Definition>> = {
  "is enqueued": async (sql, idle) => {
    await idle(greet);
    await enqueue(sql, greet, "you");
    return greet;
  },
  "is enqueued with others": async (sql, idle) => {
    await idle(greet);
    await enqueueMany(sql, greet, [{ input: "you" }, { input: "them" }]);
    return greet;
  },
  "is enqueued in a transaction": async (sql, idle) => {
    await idle(greet);
    await transaction(sql, (tx) => enqueue(tx, greet, "you"));
    return greet;
  },
  "is started as a child by another worker": async (sql, idle) => {
    await idle(greet);
    await enqueue(sql, parent, "you");
    await tick(sql, parent);
    return greet;
  },
  "is woken as another worker has ended its child": async (sql, idle) => {
    await enqueue(sql, parent, "you");
    await tick(sql, parent);
    await idle(parent);
    await tick(sql, greet);
    return parent;
  },
  "is retried after it has failed": async (sql, idle) => {
    let isBroken = true;
    const mended = task({
      name: "mended",
      run: () => {
        if (isBroken) throw new Error("broken");
      },
    });
    const id = await enqueue(sql, mended, undefined);
    await tick(sql, mended);
    await idle(mended);
    isBroken = false;
    await retry(sql, id);
    return mended;
  },
  "is replayed": async (sql, idle) => {
    const id = await enqueue(sql, greet, "you");
    await tick(sql, greet);
    await idle(greet);
    await replay(sql, id);
    return greet;
  },
  "is handed back by a worker that stops": async (sql, idle) => {
    const first = new Gate();
    const long = obedient(first);
    await enqueue(sql, long, null);
    const stopping = new Worker(sql, { tasks: [long], graceMs: 0, log: () => {} });
    const ticked = stopping.tick();
    await first.arrived(1);
    await idle(long);
    await stopping.stop({ deadlineMs: 0 });
    await ticked;
    first.open();
    return long;
  },
};

async function tick(sql: Sql, definition: Definition): Promise<void> {
  await new Worker(sql, { tasks: [definition], log: () => {} }).tick();
}

describe("a task is picked up when it is queued, not at the next poll", () => {
  test.for(Object.entries(WAYS))("a task that %s", async ([, queue]) => {
    const database = await freshDatabase();
    const { sql } = database;
    let calls: () => Promise<string[]> = async () => [];
    const { name } = await queue(sql, async (definition) => {
      await startIdle(sql, { tasks: [definition] });
      calls = await listenToCalls(database);
    });
    const left = async () => {
      const rows = await sql`select status from tasks where name = ${name}`.catch(() => []);
      return rows.map(({ status }) => status).filter((status) => status !== "succeeded");
    };
    await expect.poll(left).toEqual([]);
    // It was called, and has not just looked.
    expect(await calls()).not.toEqual([]);
  });
});

describe("a running task that is cancelled is told at once, not at its worker's next heartbeat", () => {
  test.for([
    { what: "by itself", withParent: false },
    { what: "with its parent", withParent: true },
  ])("$what", async ({ withParent }) => {
    const { sql } = await freshDatabase();
    const begun = new Gate();
    const obey = obedient(begun);
    const parentOf = durableTask({ name: "parent", run: (_: null, { run }) => run(obey, null) });
    const id = await enqueue(sql, withParent ? parentOf : obey, null);
    const other = new Worker(sql, { tasks: [parentOf], log: () => {} });
    await other.tick();
    await startIdle(sql, { tasks: [obey] });
    await begun.arrived(1);
    await cancel(sql, id);
    // It is somebody's upkeep that cancels the children of a task that has ended.
    await other.tick();
    const statuses = async () => {
      const rows = await sql`select status from tasks`.catch(() => []);
      return rows.map(({ status }) => status);
    };
    await expect.poll(statuses).toEqual(withParent ? ["cancelled", "cancelled"] : ["cancelled"]);
  });
});
