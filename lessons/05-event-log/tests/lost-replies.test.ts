import { freshDatabase, losingReplies, postgresError, refusing } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, result, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";

const APPEND = ["appendEvent", "appendEvents"];

test("an event whose answer was lost is in the log once, and its step does not run again", async () => {
  const { sql } = await freshDatabase();
  let runs = 0;
  const charge = durableTask({
    name: "charge",
    run: (_: null, { step }) =>
      step("charge", () => {
        runs += 1;
        return { runs };
      }),
  });
  const id = await enqueue(sql, charge, null);
  await new Worker(losingReplies(sql, APPEND, 1), { tasks: [charge], log: () => {} }).tick();

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: { runs: 1 } });
  expect(await sql`select seq, status from events`).toEqual([{ seq: 1, status: "succeeded" }]);
  const [row] = await sql`select event_count from tasks where id = ${id}`;
  expect(row).toEqual({ eventCount: 1 });
});

test("a failed attempt whose answer was lost counts once", async () => {
  const { sql } = await freshDatabase();
  let runs = 0;
  const call = durableTask({
    name: "call",
    run: (_: null, { step }) =>
      step(
        "call",
        () => {
          runs += 1;
          throw new Error(`no answer to call ${runs}`);
        },
        { retry: { maxAttempts: 3, backoffMs: 0 } },
      ),
  });
  await enqueue(sql, call, null);
  await new Worker(losingReplies(sql, APPEND, 2), { tasks: [call], log: () => {} }).tick();

  expect(runs).toBe(3);
  expect(await sql`select attempt from events order by seq`).toEqual([
    { attempt: 1 },
    { attempt: 2 },
    { attempt: 3 },
  ]);
});

test("an event that cannot be written ends the attempt, and costs one, whatever the handler makes of it", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const order = durableTask({
    name: "order",
    run: async (_: null, { step }) => {
      try {
        await step("charge", () => ran.push("charge"));
      } catch {
        ran.push("caught");
        await step("apologise", () => ran.push("apologise")).catch(() => {});
      }
      return "done";
    },
  });
  const id = await enqueue(sql, order, null);
  const forbidden = postgresError("42501", "permission denied");
  const worker = new Worker(refusing(sql, APPEND, 1, forbidden), { tasks: [order], log: () => {} });
  await expect(worker.tick()).rejects.toThrow("permission denied");
  expect(ran).toEqual(["charge", "caught"]);
  await worker.tick();

  expect(ran).toEqual(["charge", "caught", "charge"]);
  const [row] = await sql`select status, attempt from tasks where id = ${id}`;
  expect(row).toEqual({ status: "succeeded", attempt: 2 });
});
