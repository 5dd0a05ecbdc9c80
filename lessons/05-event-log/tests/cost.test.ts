import { freshDatabase, recordStatements } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";

const UPKEEP = ["insertWorker", "heartbeat", "reclaimTasks", "expireTasks"];

// The second names are those of an engine that writes in batches.
const append = expect.toBeOneOf(["appendEvent", "appendEvents"]);
const end = expect.toBeOneOf(["endRun", "endRuns"]);

test("a new step costs one statement, and a finished one costs nothing", async () => {
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
  await enqueue(sql, order, null);

  await worker.tick();
  expect(recorded.takeNames(UPKEEP)).toEqual(["claimTasks", append, append, append, end]);
  await worker.tick();
  expect(recorded.takeNames(UPKEEP)).toEqual(["claimTasks", append, append, append, end]);
});

test("a failed step costs one statement, too, and reopening it costs none", async () => {
  const { sql } = await freshDatabase();
  const order = durableTask({
    name: "order",
    run: async (isCaught: boolean, { step }) => {
      const failing = step("fail", () => {
        throw new Error("no");
      });
      await (isCaught ? failing.catch(() => {}) : failing);
    },
  });
  const recorded = recordStatements(sql);
  const worker = new Worker(recorded.sql, { tasks: [order], log: () => {} });

  await enqueue(sql, order, true);
  await worker.tick();
  expect(recorded.takeNames(UPKEEP)).toEqual(["claimTasks", append, end]);
  const id = await enqueue(sql, order, false);
  await worker.tick();
  expect(recorded.takeNames(UPKEEP)).toEqual(["claimTasks", append, end]);
  // The reopened event is committed together with the outcome.
  const [reopened] = await sql`
    select seq, event_count = seq as is_last, tasks.xmin = events.xmin as together
    from events
    join tasks on tasks.id = task_id
    where tasks.id = ${id} and events.status = 'reopened'`;
  expect(reopened).toEqual({ seq: 2, isLast: true, together: true });
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
  const recorded = recordStatements(sql);
  await new Worker(recorded.sql, { tasks: [open], log: () => {} }).tick();

  const sent = recorded.takeNames(UPKEEP);
  expect(sent).toEqual(["claimTasks", "begin", undefined, append, "commit", end]);
  const written = await sql`
    select accounts.xmin = events.xmin as together, seq from accounts cross join events`;
  expect(written).toEqual([{ together: true, seq: 1 }]);
});
