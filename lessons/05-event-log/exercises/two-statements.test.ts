import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, task } from "#engine";

test("with the number in one statement and the event in the next, a reader may see 2 before 1", async () => {
  const { sql } = await freshDatabase();
  const id = await enqueue(sql, task({ name: "order", run: () => {} }), null);
  const takeNumber = async () => {
    const [row] = await sql`
      update tasks set event_count = event_count + 1 where id = ${id} returning event_count`;
    return row?.eventCount as number;
  };
  const append = (seq: number) => sql`
    insert into events (task_id, seq, position, kind, name, attempt, status, output)
    values (${id}, ${seq}, ${seq}, 'step', 'pack', 1, 'succeeded', '0')`;
  const readLog = async () => {
    const events = await sql`select seq from events where task_id = ${id} order by seq`;
    return events.map(({ seq }) => seq);
  };

  const slow = await takeNumber();
  const quick = await takeNumber();
  await append(quick);
  // Is 1 still to come, or was it lost with its process?
  expect(await readLog()).toEqual([2]);
  await append(slow);
  expect(await readLog()).toEqual([1, 2]);
});
