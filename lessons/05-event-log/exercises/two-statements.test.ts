import { one } from "shared/database";
import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, task } from "#engine";

test("if a worker takes a number in one statement and inserts in the next, a reader may see event 2 before event 1", async () => {
  const { sql } = await freshDatabase();
  const id = await enqueue(sql, task({ name: "order", run: () => {} }), null as never);
  const takeNumber = async (): Promise<number> => {
    const { eventCount } = one(
      await sql`
        update tasks set event_count = event_count + 1 where id = ${id} returning event_count`,
    );
    return eventCount;
  };
  const insert = (seq: number) => sql`
    insert into events (task_id, seq, position, kind, name, attempt, status, output)
    values (${id}, ${seq}, ${seq}, 'step', 'pack', 1, 'succeeded', '0')`;
  const readLog = async () => {
    const events = await sql`select seq from events where task_id = ${id} order by seq`;
    return events.map(({ seq }) => seq);
  };

  const slow = await takeNumber();
  const quick = await takeNumber();
  await insert(quick);
  // Event 1 may still come, or its worker may have died.
  expect(await readLog()).toEqual([2]);
  await insert(slow);
  expect(await readLog()).toEqual([1, 2]);
});
