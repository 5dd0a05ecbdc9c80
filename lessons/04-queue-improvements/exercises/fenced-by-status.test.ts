import type { Sql } from "shared/database";
import { freshDatabase, Gate, moveTime } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

test("an outcome that checks only the status ends the attempt of another worker", async () => {
  const { sql, id, endOther } = await runningElsewhere();
  // The outcome of the frozen worker, which claimed the task with fence 1.
  await sql`
    update tasks
    set status = 'succeeded', worker_id = null, output = '"by the frozen worker"'
    where id = ${id} and status = 'running'`;
  await endOther();
  expect(await outputOf(sql, id)).toBe("by the frozen worker");
});

test("an outcome that also checks the fence does not", async () => {
  const { sql, id, endOther } = await runningElsewhere();
  await sql`
    update tasks
    set status = 'succeeded', worker_id = null, output = '"by the frozen worker"'
    where id = ${id} and status = 'running' and fence = 1`;
  await endOther();
  expect(await outputOf(sql, id)).toBe("by another worker");
});

/** Returns a task that a frozen worker has lost, and that another worker runs until `endOther` is called. */
async function runningElsewhere(): Promise<{
  sql: Sql;
  id: string;
  endOther: () => Promise<unknown>;
}> {
  const { sql } = await freshDatabase();
  const frozen = new Gate();
  const gate = new Gate();
  const by = (who: string, place: Gate) =>
    task({
      name: "charge",
      run: async (_: null) => {
        await place.pass();
        return who;
      },
    });
  const id = await enqueue(sql, by("", gate), null);
  const frozenRun = new Worker(sql, {
    tasks: [by("by the frozen worker", frozen)],
    log: () => {},
  }).tick();
  await frozen.arrived(1);
  await moveTime(sql, { seconds: 15 });
  const another = new Worker(sql, { tasks: [by("by another worker", gate)], log: () => {} }).tick();
  await gate.arrived(1);
  return {
    sql,
    id,
    async endOther() {
      gate.open();
      await another;
      frozen.open();
      await frozenRun;
    },
  };
}

async function outputOf(sql: Sql, id: string): Promise<unknown> {
  const [row] = await sql`select output from tasks where id = ${id}`;
  return row?.output;
}
