import { freshDatabase, polledRow, row } from "shared/testing";
import { expect, test } from "vitest";
import { type DurableContext, enqueue, task } from "#engine";
import { childCalls } from "./child-calls.ts";
import { durableTask } from "./durable-task.ts";
import { startWorking } from "./working.ts";

test("one worker with one slot runs a chain of ten children", async () => {
  const { sql } = await freshDatabase();
  const leaf = task({ name: "leaf", run: (depth: number) => `at ${depth}` });
  const branch = durableTask({
    name: "branch",
    run: async (depth: number, context: DurableContext): Promise<string> => {
      const { run } = childCalls(context, sql);
      return depth === 10 ? run(leaf, depth) : run(branch, depth + 1);
    },
  });
  const id = await enqueue(sql, branch, 1);
  startWorking(sql, { tasks: [leaf, branch], slots: 1 });

  await expect
    .poll(polledRow(sql, id))
    .toMatchObject({ status: "succeeded", output: "at 10", attempt: 1 });
  const [counted] = await sql`select count(*)::int as tasks from tasks where status = 'succeeded'`;
  expect(counted).toEqual({ tasks: 11 });
});

test("a task that waits for its children has no slot", async () => {
  const { sql } = await freshDatabase();
  const never = task({ name: "unknown to all workers", run: () => {} });
  const waits = durableTask({
    name: "waits",
    run: (_: null, context: DurableContext) => childCalls(context, sql).run(never, undefined),
  });
  const other = task({ name: "other", run: () => "has run" });
  const waiting = [await enqueue(sql, waits, null), await enqueue(sql, waits, null)];
  const last = await enqueue(sql, other, undefined, { priority: "low" });
  startWorking(sql, { tasks: [waits, other], slots: 1 });

  await expect.poll(polledRow(sql, last)).toMatchObject({ status: "succeeded" });
  for (const id of waiting) {
    expect(await row(sql, id)).toMatchObject({ status: "suspended", workerId: null, attempt: 1 });
  }
});
