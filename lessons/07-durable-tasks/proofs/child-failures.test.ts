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
    if (by === 0) throw new RangeError("division by zero");
    return 1 / by;
  },
});

test("a child's failure is thrown in its parent with the child's id, message and attempts, and again the same when the parent resumes", async () => {
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
      // The next attempt resumes past the failure.
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
    message: `Task ${child?.id} "divide" failed after 3 attempts: division by zero`,
    task: "divide",
    childId: child?.id,
    attempts: 3,
    cause: { name: "RangeError", message: "division by zero" },
  };
  expect(seen).toEqual(seen.map(() => failure));
  expect(seen.length).toBeGreaterThan(1);
});

test("a cancelled child is thrown in its parent as a ChildFailedError that says so", async () => {
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
