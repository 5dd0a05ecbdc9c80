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

test("a number from the log is given twice, although both wait for the task's row", async () => {
  expect(await appendTwoAtOnce(FROM_THE_LOG)).toEqual({ refused: ["events_pkey"], log: [1] });
});

test("a number from the row that both wait for is given once", async () => {
  expect(await appendTwoAtOnce(FROM_THE_ROW)).toEqual({ refused: [], log: [1, 2] });
});

/** Lets two appends begin while somebody holds the task's row, and lets the row go. */
async function appendTwoAtOnce(statement: string): Promise<unknown> {
  const database = await freshDatabase();
  const { sql } = database;
  const id = await enqueue(sql, task({ name: "order", run: () => {} }), null);
  const holder = await sql.reserve();
  await holder`begin`;
  await holder`select from tasks where id = ${id} for update`;
  const appends = [await oneConnection(database), await oneConnection(database)].map(
    ({ pid, connection }, index) => ({
      pid,
      refused: connection.unsafe(statement, [id, index + 1]).then(
        () => undefined,
        (error) => error.constraint_name,
      ),
    }),
  );
  for (const { pid } of appends) await untilWaiting(sql, pid);
  await holder`commit`;
  holder.release();

  const refused = await Promise.all(appends.map((each) => each.refused));
  const events = await sql`select seq from events order by seq`;
  return {
    refused: refused.filter((name) => name !== undefined),
    log: events.map(({ seq }) => seq),
  };
}
