import { connect } from "shared/database";
import { freshDatabase, stoppingAt } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, result, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";

test("a commit whose answer was lost is not run again against what it has done", async () => {
  const { sql } = await freshDatabase();
  await sql`create table payments (id int primary key)`;
  const pay = durableTask({
    name: "pay",
    run: async (_: null, { step, transaction }) => {
      try {
        await transaction("pay", (tx) => tx`insert into payments values (7)`);
      } catch {
        return step("apologise", () => "not paid");
      }
      return "paid";
    },
  });
  const id = await enqueue(sql, pay, null);
  const commit = { query: "commit", when: "after" } as const;
  const losing = stoppingAt(sql, commit, async () => "unanswered");
  await new Worker(losing, { tasks: [pay], log: () => {} }).tick();

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: "paid" });
  expect(await sql`select name, status from events`).toEqual([
    { name: "pay", status: "succeeded" },
  ]);
  expect(await sql`select id from payments`).toEqual([{ id: 7 }]);
});

test("a network error of the reader's own fails the step once, and is theirs to catch", async () => {
  const { sql } = await freshDatabase();
  let runs = 0;
  const pay = durableTask({
    name: "pay",
    run: (_: null, { transaction }) =>
      transaction("pay", () => {
        runs += 1;
        throw Object.assign(new Error("the bank is away"), { code: "ECONNREFUSED" });
      }).catch((error) => error.message),
  });
  const id = await enqueue(sql, pay, null);
  await new Worker(sql, { tasks: [pay], log: () => {} }).tick();

  expect(runs).toBe(1);
  expect(await result(sql, id)).toEqual({
    status: "succeeded",
    output: 'Step "pay" failed: the bank is away',
  });
});

test("a transaction that does not listen to its signal loses its connection to others", async () => {
  const { sql, url, schema } = await freshDatabase();
  const pool = connect(url, { schema, max: 3 });
  onTestFinished(() => pool.end({ timeout: 0 }));
  const hang = durableTask({
    name: "hang",
    timeoutMs: 20,
    run: (_: null, { transaction }) => transaction("hang", () => new Promise<null>(() => {})),
  });
  const fine = durableTask({
    name: "fine",
    run: (_: null, { transaction }) => transaction("fine", () => "ok"),
  });
  const worker = new Worker(pool, { tasks: [hang, fine], graceMs: 10, log: () => {} });
  const stuck = await enqueue(sql, hang, null);
  await worker.tick();
  const id = await enqueue(sql, fine, null);
  await worker.tick();

  expect(await result(sql, stuck)).toMatchObject({ error: { name: "TimeoutError" } });
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: "ok" });
});
