import { one, type Queryable, untilWaiting } from "shared/database";
import {
  type FreshDatabase,
  freshDatabase,
  recordStatements,
  type Statement,
  slowToRead,
} from "shared/testing";
import { expect, test } from "vitest";
import { enqueueMany, setConcurrencyLimit, task, Worker } from "#engine";

const call = task({ name: "call", run: (_: number) => {} });

test("a claim that began before another claim committed counts again under the lock", async () => {
  const { database, claim } = await threeTasks({ limit: 1 });
  const late = await begin(claim, database);
  const first = await send(claim, database.sql);
  expect([first, await late.end()]).toEqual([1, 0]);
});

test("a lower limit that is set while a claim is under way applies to that claim", async () => {
  const { database, claim } = await threeTasks({ limit: 3 });
  const late = await begin(claim, database);
  await setConcurrencyLimit(database.sql, "api", 1);
  expect(await late.end()).toBe(1);
});

/** Three queued tasks, and the claim of a worker with ten free slots. */
async function threeTasks({ limit }: { limit: number }) {
  const database = await freshDatabase();
  await setConcurrencyLimit(database.sql, "api", limit);
  const recorded = recordStatements(database.sql);
  await new Worker(recorded.sql, { tasks: [call], slots: 10, log: () => {} }).tick();
  const tasks = [1, 2, 3].map((input) => ({ input, concurrencyKey: "api" }));
  await enqueueMany(database.sql, call, tasks);
  return { database, claim: one(recorded.of("claimLimitedTasks")) };
}

/** Starts a claim that has its snapshot and has not locked the key yet. `end` lets it go on. */
async function begin(claim: Statement, database: FreshDatabase) {
  const slow = await slowToRead(database, "concurrency_limits");
  const claimed = send(claim, slow.sql);
  await untilWaiting(database.sql, slow.pid);
  return {
    async end() {
      await slow.goOn();
      return claimed;
    },
  };
}

/** Returns the number of claimed tasks. */
async function send({ text, values }: Statement, sql: Queryable): Promise<number> {
  return (await sql.unsafe(text, values as never[])).length;
}
