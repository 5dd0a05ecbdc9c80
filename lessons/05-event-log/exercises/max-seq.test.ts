import { untilWaiting } from "shared/database";
import { freshDatabase, oneConnection } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, task } from "#engine";

const FROM_THE_LOG = `
  with locked as (
    update tasks set fence = fence where id = $1 returning id
  )
  insert into events (task_id, seq, position, kind, name, attempt, status, output)
  select id, (select coalesce(max(seq), 0) + 1 from events where task_id = $1), $2, 'step', 'pack', 1, 'succeeded', '0'
  from locked`;

const FROM_THE_ROW = `
  with counted as (
    update tasks set event_count = event_count + 1 where id = $1 returning id, event_count
  )
  insert into events (task_id, seq, position, kind, name, attempt, status, output)
  select id, event_count, $2, 'step', 'pack', 1, 'succeeded', '0'
  from counted`;

test("a number from max(seq) is given out twice, although both statements wait for the row", async () => {
  expect(await appendTwoAtOnce(FROM_THE_LOG)).toEqual({ refused: ["events_pkey"], log: [1] });
});

test("a number from the task's row is given out once", async () => {
  expect(await appendTwoAtOnce(FROM_THE_ROW)).toEqual({ refused: [], log: [1, 2] });
});

/** Starts two appends while another transaction has locked the task's row, then releases the row. */
async function appendTwoAtOnce(statement: string): Promise<{ refused: string[]; log: number[] }> {
  const database = await freshDatabase();
  const { sql } = database;
  const id = await enqueue(sql, task({ name: "order", run: () => {} }), null as never);
  const lock = await sql.reserve();
  await lock`begin`;
  await lock`select from tasks where id = ${id} for update`;
  const appends = [await oneConnection(database), await oneConnection(database)].map(
    ({ pid, connection }, index) => ({
      pid,
      refusedBy: connection.unsafe(statement, [id, index + 1]).then(
        () => undefined,
        (error) => error.constraint_name as string,
      ),
    }),
  );
  for (const { pid } of appends) await untilWaiting(sql, pid);
  await lock`commit`;
  lock.release();

  const refused = await Promise.all(appends.map(({ refusedBy }) => refusedBy));
  const events = await sql`select seq from events order by seq`;
  return {
    refused: refused.filter((name) => name !== undefined),
    log: events.map(({ seq }) => seq),
  };
}
