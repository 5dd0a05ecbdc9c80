import type { Sql } from "shared/database";
import { freshDatabase, Gate, log, stoppingAt } from "shared/testing";
import { expect, test } from "vitest";
import { cancel, durableTask, enqueue, result, task, Worker } from "#engine";
import { startWorking } from "../proofs/working.ts";
import { wrongCounts } from "./tree-faults.ts";

const SUSPEND = ["suspendTask", "suspendTasks"];
const END = ["endRun", "endRuns"];
const never = task({ name: "unknown to all workers", run: () => {} });

test("a suspended task that is cancelled takes all levels of children with it, within one heartbeat", async () => {
  const { sql } = await freshDatabase();
  const chain = durableTask({
    name: "chain",
    run: async (depth: number, { run }): Promise<unknown> =>
      depth === 4
        ? run(never, undefined)
        : Promise.all([run(chain, depth + 1), run(never, undefined)]),
  });
  const id = await enqueue(sql, chain, 1);
  const ticking = new Worker(sql, { tasks: [chain], log: () => {} });
  while ((await ticking.tick()) > 0);
  await cancel(sql, id);
  const rows = () => sql`select status, open_children from tasks order by id`.catch(() => []);
  expect(await wrongCounts(sql)).toEqual([]);
  // Its first heartbeat is also its only one.
  startWorking(sql, { tasks: [chain], heartbeatIntervalMs: 600_000, leaseMs: 1_200_000 });

  await expect
    .poll(rows, { timeout: 10_000 })
    .toEqual(Array(8).fill({ status: "cancelled", openChildren: 0 }));
  expect(await wrongCounts(sql)).toEqual([]);
  // A parent that has ended is not told of its children.
  for (const { id: task } of await sql`select id from tasks where name = 'chain'`) {
    const events = await log(sql, task);
    expect(events.filter((line) => !/ (started|reopened)$/.test(line))).toEqual([]);
  }
});

// The cancellation finds the task running or suspended, and is never lost.
test.each(["before", "after"] as const)(
  "a task that is cancelled right %s it is suspended is cancelled, and so is its child",
  async (when) => {
    const { sql } = await freshDatabase();
    const gate = new Gate();
    const parent = durableTask({
      name: "parent",
      run: (_: null, { run }) => run(never, undefined),
    });
    const id = await enqueue(sql, parent, null);
    const stopping = stoppingAt(sql, { query: SUSPEND, when }, () => gate.pass());
    const worker = new Worker(stopping, { tasks: [parent], log: () => {} });
    const tick = worker.tick();
    await gate.arrived(1);
    await cancel(sql, id);
    gate.open();
    await tick;
    expect(await result(sql, id)).toEqual({ status: "cancelled" });
    await worker.tick();

    expect(await statuses(sql)).toEqual(["parent cancelled 0", `${never.name} cancelled 0`]);
    expect(await log(sql, id)).toEqual([`1 ${never.name} started`, `1 ${never.name} reopened`]);
  },
);

test.each(["succeeded", "failed"] as const)(
  "a child that has %s after its parent has ended tells it nothing",
  async (status) => {
    const { sql } = await freshDatabase();
    const started = new Gate();
    const gate = new Gate();
    const child = task({
      name: "child",
      run: async () => {
        void started.pass();
        await gate.pass();
        if (status === "failed") throw new Error("broken");
      },
    });
    const parent = durableTask({
      name: "parent",
      run: async (_: null, { run, step }) => {
        void run(child, undefined);
        await step("until the child runs", () => started.arrived(1));
      },
    });
    const id = await enqueue(sql, parent, null);
    const parentRun = new Worker(sql, { tasks: [parent], log: () => {} }).tick();
    const children = new Worker(sql, { tasks: [child], log: () => {} });
    const childRuns: Promise<number>[] = [];
    while (
      (await sql`select from tasks where name = 'child' and status = 'running'`).length === 0
    ) {
      childRuns.push(children.tick());
    }
    await parentRun;
    expect(await statuses(sql)).toEqual(["parent succeeded 1", "child running 0"]);
    gate.open();
    await Promise.all(childRuns);

    expect(await statuses(sql)).toEqual(["parent succeeded 0", `child ${status} 0`]);
    const events = await log(sql, id);
    expect(events.filter((line) => line.startsWith("1 "))).toEqual([
      "1 child started",
      "1 child reopened",
    ]);
  },
);

test("parent and child end at the same time: whichever is first, no open child is left", async () => {
  for (const first of ["parent", "child"] as const) {
    const { sql } = await freshDatabase();
    const [parentGate, childGate] = [new Gate(), new Gate()];
    const child = task({ name: "child", run: () => {} });
    const parent = durableTask({
      name: "parent",
      run: async (_: null, { run, step }) => {
        void run(child, undefined);
        await step("until the child ends", () => childGate.arrived(1));
      },
    });
    const id = await enqueue(sql, parent, null);
    const parents = stoppingAt(sql, { query: END, when: "before" }, () => parentGate.pass());
    const parentRun = new Worker(parents, { tasks: [parent], log: () => {} }).tick();
    const ends = stoppingAt(sql, { query: END, when: "before" }, () => childGate.pass());
    const children = new Worker(ends, { tasks: [child], log: () => {} });
    let childRun = children.tick();
    const isWaiting = childGate.arrived(1).then(() => true);
    while (!(await Promise.race([isWaiting, childRun.then(() => false)])))
      childRun = children.tick();
    await parentGate.arrived(1);
    const inOrder = [
      { gate: parentGate, run: parentRun },
      { gate: childGate, run: childRun },
    ];
    for (const { gate, run } of first === "parent" ? inOrder : inOrder.reverse()) {
      gate.open();
      await run;
    }

    expect(await statuses(sql)).toEqual(["parent succeeded 0", "child succeeded 0"]);
    const told = first === "parent" ? "reopened" : "succeeded";
    const events = (await log(sql, id)).filter((line) => line.startsWith("1 "));
    expect(events).toEqual(["1 child started", `1 child ${told}`]);
  }
});

async function statuses(sql: Sql): Promise<string[]> {
  const rows = await sql`select name, status, open_children from tasks order by id`;
  return rows.map(({ name, status, openChildren }) => `${name} ${status} ${openChildren}`);
}
