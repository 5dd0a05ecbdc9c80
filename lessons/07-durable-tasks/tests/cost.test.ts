import { freshDatabase, recordStatements } from "shared/testing";
import { expect, test } from "vitest";
import { durableTask, enqueue, task, Worker } from "#engine";

const UPKEEP = ["insertWorker", "heartbeat", "reclaimTasks"];

test("a child costs its parent a start, a suspension and a claim; the statement that ends the child also wakes the parent", async () => {
  const { sql } = await freshDatabase();
  const double = task({ name: "double", run: (n: number) => 2 * n });
  const parent = durableTask({
    name: "parent",
    run: async (_: null, { run }) => [await run(double, 1), await run(double, 2)],
  });
  const recorded = recordStatements(sql);
  const worker = new Worker(recorded.sql, { tasks: [parent, double], log: () => {} });
  const namesOfTick = async () => {
    await worker.tick();
    return recorded.takeNames(UPKEEP);
  };
  const id = await enqueue(sql, parent, null);

  const start = expect.toBeOneOf(["startChild", "startChildren"]);
  const suspend = expect.toBeOneOf(["suspendTask", "suspendTasks"]);
  const end = expect.toBeOneOf(["endRun", "endRuns"]);
  expect(await namesOfTick()).toEqual(["claimTasks", start, suspend]);
  expect(await namesOfTick()).toEqual(["claimTasks", end]);
  expect(await namesOfTick()).toEqual(["claimTasks", start, suspend]);
  expect(await namesOfTick()).toEqual(["claimTasks", end]);
  expect(await namesOfTick()).toEqual(["claimTasks", end]);
  // The end of a child is in one commit with its event in the log of the parent.
  const together = await sql`
    select events.status, child.xmin = events.xmin as "in one commit"
    from events
    join tasks as child on child.id = child_id
    where task_id = ${id} and events.status = 'succeeded'
    order by seq`;
  expect(together).toEqual([
    { status: "succeeded", "in one commit": true },
    { status: "succeeded", "in one commit": true },
  ]);
});
