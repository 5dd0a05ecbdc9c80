import { one, type Sql } from "shared/database";
import { explain, freshDatabase, recordStatements, rowsRead, type Statement } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, setConcurrencyLimit, task, Worker } from "#engine";

const call = task({ name: "call", run: (_: null) => {} });

test("tasks without a key pay nothing for limits: not a row of them is read", async () => {
  const { sql } = await freshDatabase();
  const claim = await claimOfTen(sql);
  await addFinished(sql);
  for (let n = 0; n < 50; n += 1) await setConcurrencyLimit(sql, `key ${n}`, 1);
  for (let n = 0; n < 50; n += 1) await enqueue(sql, call, null);

  const plan = await explain(sql, claim);
  expect(rowsRead(plan, "concurrency_limits")).toBe(0);
  // Ten from the index, and the same ten by their key, to update them.
  expect(rowsRead(plan, "tasks")).toBe(20);
});

test("a full key costs a claim the same, however many tasks wait for it", async () => {
  const { sql } = await freshDatabase();
  const claim = await claimOfTen(sql);
  await addFinished(sql);
  await setConcurrencyLimit(sql, "full", 0);
  await enqueue(sql, call, null, { concurrencyKey: "full" });
  const withOne = rowsRead(await explain(sql, claim), "tasks");
  for (let n = 0; n < 200; n += 1) await enqueue(sql, call, null, { concurrencyKey: "full" });

  expect(withOne).toBeGreaterThan(0);
  expect(rowsRead(await explain(sql, claim), "tasks")).toBe(withOne);
});

/** Enough rows that Postgres would not rather read the whole table. */
async function addFinished(sql: Sql): Promise<void> {
  await sql`
    insert into tasks (name, input, status, output)
    select 'call', 'null', 'succeeded', 'null' from generate_series(1, 10000)`;
  await sql`analyze tasks`;
}

/** The statement with which a worker that has ten free slots claims tasks. */
async function claimOfTen(sql: Sql): Promise<Statement> {
  const recorded = recordStatements(sql);
  await new Worker(recorded.sql, { tasks: [call], slots: 10, log: () => {} }).tick();
  return one(recorded.of("claimTasks"));
}
