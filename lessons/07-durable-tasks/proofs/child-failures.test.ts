import { freshDatabase, polledRow } from "shared/testing";
import { expect, test } from "vitest";
import { cancel, type DurableContext, enqueue, task } from "#engine";
import { childCalls } from "./child-calls.ts";
import { durableTask } from "./durable-task.ts";
import { startWorking } from "./working.ts";

const divide = task({
  name: "divide",
  retry: { maxAttempts: 3, backoffMs: 0 },
  run: (by: number) => {
    if (by === 0) throw new RangeError("no number times 0 is 1");
    return 1 / by;
  },
});

test("a child's failure is thrown in its parent, with its id, message and attempts, and is the same when replayed", async () => {
  const { sql } = await freshDatabase();
  const seen: unknown[] = [];
  const parent = durableTask({
    name: "parent",
    retry: { backoffMs: 0 },
    run: async (_: null, context: DurableContext) => {
      const { run } = childCalls(context, sql);
      const failure = await run(divide, 0).catch(describe);
      seen.push(failure);
      const half = await run(divide, 2);
      // The failure is replayed with what came after it.
      if (context.attempt === 1) throw new Error("once more");
      return half;
    },
  });
  const id = await enqueue(sql, parent, null);
  startWorking(sql, { tasks: [divide, parent] });

  await expect.poll(polledRow(sql, id)).toMatchObject({ output: 0.5, attempt: 2 });
  const [child] = await sql`select min(id)::text as id from tasks where name = 'divide'`;
  const failure = {
    name: "ChildFailedError",
    message: `Task ${child?.id} "divide" failed after 3 attempts: no number times 0 is 1`,
    task: "divide",
    childId: child?.id,
    attempts: 3,
    cause: { name: "RangeError", message: "no number times 0 is 1" },
  };
  expect(seen).toEqual(seen.map(() => failure));
  expect(seen.length).toBeGreaterThan(1);
});

test("a child that is cancelled fails its parent's call, which says so", async () => {
  const { sql } = await freshDatabase();
  const parent = durableTask({
    name: "parent",
    run: (_: null, context: DurableContext) =>
      childCalls(context, sql).run(divide, 2).catch(describe),
  });
  const id = await enqueue(sql, parent, null);
  startWorking(sql, { tasks: [parent] });
  const findChild = () => sql`select id from tasks where name = 'divide'`.catch(() => []);
  await expect.poll(findChild).toHaveLength(1);
  const [child] = await findChild();
  await cancel(sql, child?.id);

  await expect.poll(polledRow(sql, id)).toMatchObject({
    output: {
      name: "ChildFailedError",
      message: `Task ${child?.id} "divide" was cancelled`,
      childId: child?.id,
      cause: { name: "CancelledError" },
    },
  });
});

function describe(error: unknown): unknown {
  const { name, message, task, childId, attempts, cause } = error as Record<string, unknown>;
  const { name: causeName, message: causeMessage } = cause as Error;
  return {
    name,
    message,
    task,
    childId,
    attempts,
    cause: { name: causeName, message: causeMessage },
  };
}
