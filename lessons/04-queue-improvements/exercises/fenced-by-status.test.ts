import type { Sql } from "shared/database";
import { freshDatabase, Gate, moveTime } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

test("a write that checks the status alone lets a zombie end another worker's attempt", async () => {
  const { sql, id, endOther } = await runningElsewhere();
  // By the worker that was declared dead: it claimed the task with fence 1.
  await sql`
    update tasks
    set status = 'succeeded', worker_id = null, output = '"by the zombie"'
    where id = ${id} and status = 'running'`;
  await endOther();
  expect(await outputOf(sql, id)).toBe("by the zombie");
});

test("a write that checks the fence too does not", async () => {
  const { sql, id, endOther } = await runningElsewhere();
  await sql`
    update tasks
    set status = 'succeeded', worker_id = null, output = '"by the zombie"'
    where id = ${id} and status = 'running' and fence = 1`;
  await endOther();
  expect(await outputOf(sql, id)).toBe("by another worker");
});

/** A task that was claimed by a worker, reclaimed from it, and is run by another one until `endOther`. */
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
  const zombie = new Worker(sql, { tasks: [by("by the zombie", frozen)], log: () => {} }).tick();
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
      await zombie;
    },
  };
}

async function outputOf(sql: Sql, id: string): Promise<unknown> {
  const [row] = await sql`select output from tasks where id = ${id}`;
  return row?.output;
}
