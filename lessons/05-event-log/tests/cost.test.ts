import type { Sql } from "shared/database";
import { freshDatabase, recordStatements } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";

const UPKEEP = ["insertWorker", "heartbeat", "reclaimTasks", "expireTasks"];

test("a new step costs one statement and one commit, and a replayed one costs nothing", async () => {
  const { sql } = await freshDatabase();
  const order = durableTask({
    name: "order",
    retry: { backoffMs: 0 },
    run: async (_: null, { step, attempt }) => {
      for (let n = 1; n <= 3; n += 1) await step(`first ${n}`, () => n);
      if (attempt === 1) throw new Error("half way");
      for (let n = 1; n <= 3; n += 1) await step(`then ${n}`, () => n);
    },
  });
  const recorded = recordStatements(sql);
  const worker = new Worker(recorded.sql, { tasks: [order], log: () => {} });
  const namesOfTick = async () => {
    await worker.tick();
    return recorded.takeNames(UPKEEP);
  };
  await enqueue(sql, order, null);

  const append = expect.toBeOneOf(["appendEvent", "appendEvents"]);
  const succeed = expect.toBeOneOf(["succeedTask", "succeedTasks"]);
  expect(await namesOfTick()).toEqual(["claimTasks", append, append, append, "retryTask"]);
  expect(await namesOfTick()).toEqual(["claimTasks", append, append, append, succeed]);
  // A statement that is not part of a transaction is one by itself.
  expect(await commits(sql)).toBe(6);
});

test("a transaction costs one commit, with its event", async () => {
  const { sql } = await freshDatabase();
  await sql`create table accounts (name text, balance int)`;
  const open = durableTask({
    name: "open",
    run: (_: null, { transaction }) =>
      transaction("open", async (tx) => {
        await tx`insert into accounts values ('alice', 10)`;
      }),
  });
  await enqueue(sql, open, null);
  await new Worker(sql, { tasks: [open], log: () => {} }).tick();

  const written = await sql`
    select accounts.xmin = events.xmin as together, seq from accounts cross join events`;
  expect(written).toEqual([{ together: true, seq: 1 }]);
});

test("a failure that ends the task costs what a success does, and one that is caught a commit more", async () => {
  const { sql } = await freshDatabase();
  const order = durableTask({
    name: "order",
    run: async (isCaught: boolean, { step }) => {
      const failing = step("fail", () => {
        throw new Error("no");
      });
      await (isCaught ? failing.catch(() => {}) : failing);
      await step("next", () => {});
    },
  });
  const worker = new Worker(sql, { tasks: [order], log: () => {} });
  await enqueue(sql, order, false);
  await worker.tick();
  expect(await commits(sql)).toBe(1);
  await enqueue(sql, order, true);
  await worker.tick();
  expect(await commits(sql)).toBe(1 + 3);
});

async function commits(sql: Sql): Promise<number> {
  const [row] = await sql`select count(distinct xmin::text)::int as commits from events`;
  return row?.commits;
}
