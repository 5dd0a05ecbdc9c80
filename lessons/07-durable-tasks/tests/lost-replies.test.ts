import type { Sql } from "shared/database";
import { freshDatabase, losingReplies, refusing } from "shared/testing";
import { expect, test } from "vitest";
import { durableTask, enqueue, result, retry, task, Worker } from "#engine";
import { wrongCounts } from "./tree-faults.ts";

// The second name is that of an engine that writes in batches.
const STATEMENTS = {
  "starts a child": ["startChild", "startChildren"],
  "suspends the parent": ["suspendTask", "suspendTasks"],
  "ends a child": ["endRun", "endRuns"],
};

test.each(Object.entries(STATEMENTS))(
  "a lost reply of the statement that %s changes nothing",
  async (_, query) => {
    const { sql } = await freshDatabase();
    const { parent, tasks, counts } = countingFamily();
    const id = await enqueue(sql, parent, null);
    const losing = losingReplies(sql, query, 1);
    const worker = new Worker(losing, { tasks, log: () => {} });
    while ((await worker.tick()) > 0);

    expect(await result(sql, id)).toEqual({ status: "succeeded", output: "done" });
    expect(counts.runs).toBe(1);
    expect(await statuses(sql, id)).toEqual(["started", "succeeded"]);
    await expectOneChild(sql, { parent: 1, child: 1 });
  },
);

test("a statement that suspends and is lost before it reaches Postgres loses neither the child nor a wake-up", async () => {
  const { sql } = await freshDatabase();
  const { parent, tasks } = countingFamily();
  const id = await enqueue(sql, parent, null);
  const refused = refusing(sql, STATEMENTS["suspends the parent"], 1);
  const worker = new Worker(refused, { tasks, log: () => {} });
  while ((await worker.tick()) > 0);

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: "done" });
  expect(await statuses(sql, id)).toEqual(["started", "succeeded"]);
  // Its log had grown, by the start of the child.
  await expectOneChild(sql, { parent: 1, child: 1 });
});

test("a lost reply of the statement that resumes a child takes up no second child, and costs no attempt", async () => {
  const { sql } = await freshDatabase();
  const { parent, tasks, counts } = countingFamily();
  counts.isBroken = true;
  const id = await enqueue(sql, parent, null);
  const worker = new Worker(sql, { tasks, log: () => {} });
  while ((await worker.tick()) > 0);
  expect(await result(sql, id)).toMatchObject({ status: "failed" });

  counts.isBroken = false;
  await retry(sql, id);
  const losing = losingReplies(sql, ["resumeChild", "resumeChildren"], 1);
  const next = new Worker(losing, { tasks, log: () => {} });
  while ((await next.tick()) > 0);
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: "done" });
  expect(counts.runs).toBe(2);
  expect(await statuses(sql, id)).toEqual([
    "started",
    "failed",
    "reopened",
    "started",
    "succeeded",
  ]);
  await expectOneChild(sql, { parent: 2, child: 2 });
});

test("a child that ends while the reply of its start is lost is started once, and its end is told once", async () => {
  const { sql } = await freshDatabase();
  const { parent, child, tasks } = countingFamily();
  const id = await enqueue(sql, parent, null);
  const losing = losingReplies(sql, STATEMENTS["starts a child"], 1);
  const parents = new Worker(losing, { tasks: [parent], log: () => {} });
  const tick = parents.tick();
  const children = new Worker(sql, { tasks: [child], log: () => {} });
  while ((await children.tick()) === 0);
  await tick;
  const worker = new Worker(sql, { tasks, log: () => {} });
  while ((await worker.tick()) > 0);

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: "done" });
  expect(await statuses(sql, id)).toEqual(["started", "succeeded"]);
  await expectOneChild(sql, { parent: 1, child: 1 });
});

function countingFamily() {
  const counts = { runs: 0, isBroken: false };
  const child = task({
    name: "child",
    run: () => {
      counts.runs += 1;
      if (counts.isBroken) throw new Error("broken");
    },
  });
  const parent = durableTask({
    name: "parent",
    run: async (_: null, { run }) => {
      await run(child, undefined);
      return "done";
    },
  });
  return { parent, child, tasks: [parent, child], counts };
}

async function statuses(sql: Sql, id: string): Promise<string[]> {
  const events = await sql`select status from events where task_id = ${id} order by seq`;
  return events.map(({ status }) => status);
}

async function expectOneChild(
  sql: Sql,
  attempts: { parent: number; child: number },
): Promise<void> {
  expect(await sql`select name, status, attempt, open_children from tasks order by id`).toEqual([
    { name: "parent", status: "succeeded", attempt: attempts.parent, openChildren: 0 },
    { name: "child", status: "succeeded", attempt: attempts.child, openChildren: 0 },
  ]);
  expect(await wrongCounts(sql)).toEqual([]);
}
