import { backendPid, connect, type Sql, untilWaiting } from "shared/database";
import { freshDatabase, Gate } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, setConcurrencyLimit, task, Worker } from "#engine";

test("a claim that looked before another one committed counts again under the lock", async () => {
  const { sql, url, schema } = await freshDatabase();
  const gate = new Gate();
  const call = task({ name: "call", run: () => gate.pass() });
  await setConcurrencyLimit(sql, "api", 1);
  for (let n = 0; n < 2; n += 1) await enqueue(sql, call, n, { concurrencyKey: "api" });

  const slow = await slowToLock(sql, url, schema);
  const late = new Worker(slow.sql, { tasks: [call] }).tick();
  // It has taken its snapshot, and has not locked the key yet.
  await untilWaiting(sql, slow.pid);
  const first = new Worker(sql, { tasks: [call] }).tick();
  await gate.arrived(1);
  await slow.goOn();
  await Promise.race([late, gate.arrived(2)]);
  gate.open();

  expect([await first, await late]).toEqual([1, 0]);
});

test("a lower limit that is set while a claim is under way holds for it", async () => {
  const { sql, url, schema } = await freshDatabase();
  const call = task({ name: "call", run: () => {} });
  await setConcurrencyLimit(sql, "api", 3);
  for (let n = 0; n < 3; n += 1) await enqueue(sql, call, n, { concurrencyKey: "api" });

  const slow = await slowToLock(sql, url, schema);
  const late = new Worker(slow.sql, { tasks: [call] }).tick();
  await untilWaiting(sql, slow.pid);
  await setConcurrencyLimit(sql, "api", 1);
  await slow.goOn();

  expect(await late).toBe(1);
});

/**
 * A connection whose claims stop when they have begun, and before they lock a key: its `concurrency_limits` is
 * a view of the table, with a condition that waits.
 */
async function slowToLock(
  sql: Sql,
  url: string,
  schema: string,
): Promise<{ sql: Sql; pid: number; goOn: () => Promise<void> }> {
  await sql.unsafe(`
    create schema slow_${schema};
    create function slow_${schema}.wait() returns boolean language plpgsql volatile cost 1000000 as $$
    begin
      perform pg_advisory_xact_lock(hashtext('${schema}'));
      return true;
    end $$;
    create view slow_${schema}.concurrency_limits as
      select * from concurrency_limits where slow_${schema}.wait()`);
  const slow = connect(url, { max: 1, schema: `slow_${schema}, ${schema}` });
  const holder = await sql.reserve();
  onTestFinished(async () => {
    await slow.end({ timeout: 0 });
    holder.release();
    await sql.unsafe(`drop schema slow_${schema} cascade`);
  });
  await holder`select pg_advisory_lock(hashtext(${schema}))`;
  return {
    sql: slow,
    pid: await backendPid(slow),
    async goOn() {
      await holder`select pg_advisory_unlock(hashtext(${schema}))`;
    },
  };
}
