import { one, type Sql, transaction } from "shared/database";
import { freshDatabase, moveTime, recordStatements } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, result, task, Worker } from "#engine";

const START_TIMEOUT_MS = 300_000;
const alert = task({ name: "alert", run: () => "sent" });

/** Fails alerts that no worker has started within five minutes; returns how many. */
async function failLateAlerts(sql: Sql): Promise<number> {
  const failed = await sql`
    with late as (
      select id
      from tasks
      where status = 'queued'
        and name = 'alert'
        and fence = 0
        and run_at < now() - ${START_TIMEOUT_MS} * interval '1 millisecond'
      for update skip locked
    )
    update tasks
    set status = 'failed',
        error = '{"name": "StartTimeoutError", "message": "No worker started the alert in time"}'
    where id = any (array(select id from late))
    returning id`;
  return failed.length;
}

test("a task that no worker has started in time fails, and a task that is not late runs", async () => {
  const { sql } = await freshDatabase();
  const late = await enqueue(sql, alert, null as never);
  await moveTime(sql, { seconds: 301 });
  const inTime = await enqueue(sql, alert, null as never);

  expect(await failLateAlerts(sql)).toBe(1);
  await new Worker(sql, { tasks: [alert], log: () => {} }).tick();
  expect(await result(sql, late)).toMatchObject({ error: { name: "StartTimeoutError" } });
  expect(await result(sql, inTime)).toMatchObject({ status: "succeeded" });
});

test("a late task that a claim has just taken does not fail", async () => {
  const { sql } = await freshDatabase();
  const recorded = recordStatements(sql);
  await new Worker(recorded.sql, { tasks: [alert], log: () => {} }).tick();
  const { text, values } = one(recorded.of("claimTasks"));
  const id = await enqueue(sql, alert, null as never);
  await moveTime(sql, { seconds: 301 });
  await sql`update workers set lease_expires_at = now() + interval '15 seconds'`;

  await transaction(sql, async (tx) => {
    expect(await tx.unsafe(text, values as never[])).toHaveLength(1);
    expect(await failLateAlerts(sql)).toBe(0);
  });
  expect(await failLateAlerts(sql)).toBe(0);
  expect(await result(sql, id)).toEqual({ status: "running" });
});
