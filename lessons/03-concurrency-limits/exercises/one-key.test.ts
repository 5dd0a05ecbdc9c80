import { readFileSync } from "node:fs";
import { one, type Queryable, type Sql, transaction, untilWaiting } from "shared/database";
import { freshDatabase, slowToRead } from "shared/testing";
import { expect, test } from "vitest";
import { enqueueMany, setConcurrencyLimit, task } from "#engine";

// The claim for one key, from which the chapter develops the claim for many keys.
const CLAIM = readFileSync(new URL("one-key.sql", import.meta.url), "utf8");
const LOCK = "for no key update skip locked";

// A and B claim at once; the limit is 10, and 9 tasks are running.
for (const { has, lock = "", sees, overlap, late } of [
  { has: "neither", sees: "stable", overlap: 11, late: 11 },
  { has: "only the lock", lock: LOCK, sees: "stable", overlap: 10, late: 11 },
  { has: "only the new snapshot", sees: "volatile", overlap: 11, late: 10 },
  { has: "the lock and the new snapshot", lock: LOCK, sees: "volatile", overlap: 10, late: 10 },
]) {
  const claim = (sql: Queryable) => sql.unsafe(CLAIM.replace(LOCK, lock), ["api", 5]);

  test(`with ${has}, ${overlap} tasks run if B reaches the row before A commits`, async () => {
    const { sql } = await nineOfTenRunning(sees);
    await transaction(sql, async (tx) => {
      await claim(tx);
      await claim(sql);
    });
    expect(await running(sql)).toBe(overlap);
  });

  test(`with ${has}, ${late} tasks run if B begins before A commits and reaches the row afterwards`, async () => {
    const database = await nineOfTenRunning(sees);
    const slow = await slowToRead(database, "concurrency_limits");
    const b = claim(slow.sql).execute();
    await untilWaiting(database.sql, slow.pid);
    await claim(database.sql);
    await slow.goOn();
    await b;
    expect(await running(database.sql)).toBe(late);
  });
}

test("two workers that claim from one key again and again never exceed its limit", async () => {
  const { sql } = await freshDatabase();
  const call = task({ name: "call", run: () => {} });
  await setConcurrencyLimit(sql, "api", 3);
  const tasks = Array.from({ length: 200 }, () => ({ input: null, concurrencyKey: "api" }));
  await enqueueMany(sql, call, tasks);

  let most = 0;
  const claimUntilEmpty = async () => {
    while (await anyQueued(sql)) {
      const claimed = await sql.unsafe(CLAIM, ["api", 2]);
      most = Math.max(most, await running(sql));
      const ids = claimed.map(({ id }) => id);
      await sql`update tasks set status = 'succeeded', output = 'null' where id = any (${ids})`;
    }
  };
  await Promise.all([claimUntilEmpty(), claimUntilEmpty()]);

  expect(most).toBe(3);
});

/** Nine running tasks and five queued ones of a key whose limit is 10. */
async function nineOfTenRunning(capacityLeft: string) {
  const database = await freshDatabase();
  const { sql } = database;
  const call = task({ name: "call", run: () => {} });
  await setConcurrencyLimit(sql, "api", 10);
  const tasks = Array.from({ length: 14 }, () => ({ input: null, concurrencyKey: "api" }));
  await enqueueMany(sql, call, tasks);
  await sql`update tasks set status = 'running' where id <= 9`;
  await sql.unsafe(`alter function capacity_left ${capacityLeft}`);
  return database;
}

async function running(sql: Sql): Promise<number> {
  return one(await sql`select count(*)::int from tasks where status = 'running'`).count;
}

async function anyQueued(sql: Sql): Promise<boolean> {
  return one(await sql`select exists (select from tasks where status = 'queued')`).exists;
}
