import { freshDatabase, recordStatements } from "shared/testing";
import { expect, test } from "vitest";
import { durableTask, enqueue, task, Worker } from "#engine";

test("a child costs its parent a start, a suspension and a claim, and what it ends with is in the commit that wakes", async () => {
  const { sql } = await freshDatabase();
  const double = task({ name: "double", run: (n: number) => 2 * n });
  const parent = durableTask({
    name: "parent",
    run: async (_: null, { run }) => [await run(double, 1), await run(double, 2)],
  });
  const id = await enqueue(sql, parent, null);
  const recorded = recordStatements(sql);
  const worker = new Worker(recorded.sql, { tasks: [parent, double], log: () => {} });
  const perTick = async () => {
    recorded.statements.length = 0;
    await worker.tick();
    return recorded.statements.map(({ text }) => kindOf(text)).filter((kind) => kind !== "upkeep");
  };

  expect(await perTick()).toEqual(["claim", "start", "suspend"]);
  expect(await perTick()).toEqual(["claim", "outcome"]);
  expect(await perTick()).toEqual(["claim", "start", "suspend"]);
  expect(await perTick()).toEqual(["claim", "outcome"]);
  expect(await perTick()).toEqual(["claim", "outcome"]);
  // The start of a child is in one commit with the child, its end with the event that tells of it.
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

function kindOf(text: string): string {
  if (text.includes("insert into tasks")) return "start";
  if (text.includes("'suspended' else status")) return "suspend";
  if (text.includes("set status = 'running'")) return "claim";
  if (text.includes("set lease_ends_at") || text.includes("insert into workers")) return "upkeep";
  if (text.includes("with dead as") || text.includes("with overdue as")) return "upkeep";
  if (text.includes("set status = 'succeeded'")) return "outcome";
  return text;
}
