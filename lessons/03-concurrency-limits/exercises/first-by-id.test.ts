import { pgtyped, type Sql, transaction } from "shared/database";
import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, setConcurrencyLimit, task } from "#engine";
import { claimLimitedTasks } from "../sql/queries.ts";

test("a claim of the first two tasks by id starts three, although claims run one at a time", async () => {
  const { sql } = await freshDatabase();
  await claimBeforeTheFirstIdIsCommitted(sql, () => claimFirstById(sql));
  await claimFirstById(sql);
  expect(await running(sql)).toEqual(["1", "2", "3"]);
});

test("a claim that counts the running tasks starts two", async () => {
  const { sql } = await freshDatabase();
  const claim = () => claimLimitedTasks.run({ limit: 10 }, pgtyped(sql));
  await claimBeforeTheFirstIdIsCommitted(sql, claim);
  await claim();
  expect(await running(sql)).toEqual(["2", "3"]);
});

/** Enqueues three tasks of a key whose limit is 2. The task with the lowest id commits last, after a claim. */
async function claimBeforeTheFirstIdIsCommitted(
  sql: Sql,
  claim: () => Promise<unknown>,
): Promise<void> {
  const call = task({ name: "call", run: () => {} });
  const key = { concurrencyKey: "api" };
  await setConcurrencyLimit(sql, "api", 2);
  await transaction(sql, async (tx) => {
    await enqueue(tx, call, null, key);
    await enqueue(sql, call, null, key);
    await enqueue(sql, call, null, key);
    await claim();
  });
}

/** Starts the first tasks of each key that have not ended, by id, up to the key's limit. */
async function claimFirstById(sql: Sql): Promise<void> {
  await transaction(sql, async (tx) => {
    await tx`select pg_advisory_xact_lock(4778)`;
    await tx`
      with line as (
        select
          id,
          status,
          max_running,
          row_number() over (partition by concurrency_key order by id) as place
        from tasks
        join concurrency_limits using (concurrency_key)
        where status in ('queued', 'running')
      )
      update tasks
      set status = 'running'
      from line
      where tasks.id = line.id
        and line.status = 'queued'
        and line.place <= line.max_running`;
  });
}

async function running(sql: Sql): Promise<string[]> {
  const rows = await sql`select id from tasks where status = 'running' order by id`;
  return rows.map(({ id }) => id);
}
