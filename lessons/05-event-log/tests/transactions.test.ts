import { connect } from "shared/database";
import { freshDatabase, Gate, log, row, stoppingAt } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, enqueueMany, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";
import { runToEnd } from "./runs.ts";

test("a transaction that fails is rolled back, and its failure is in the log", async () => {
  const { sql } = await freshDatabase();
  await sql`create table accounts (name text, balance int check (balance >= 0))`;
  await sql`insert into accounts values ('alice', 10), ('bob', 0)`;
  const transfer = durableTask({
    name: "transfer",
    run: async (amount: number, { transaction }) => {
      await transaction("transfer", async (tx) => {
        await tx`update accounts set balance = balance + ${amount} where name = 'bob'`;
        await tx`update accounts set balance = balance - ${amount} where name = 'alice'`;
      });
    },
  });
  const id = await enqueue(sql, transfer, 20);
  await runToEnd(sql, transfer);

  expect(await sql`select balance from accounts order by name`).toEqual([
    { balance: 10 },
    { balance: 0 },
  ]);
  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    error: { cause: { name: "PostgresError" } },
  });
  expect(await log(sql, id)).toEqual([
    expect.stringMatching(/^1 transfer failed: .* violates check constraint/),
    "1 transfer reopened",
  ]);
});

test("a commit whose reply was lost costs no attempt, and the transaction does not run again", async () => {
  const { sql } = await freshDatabase();
  await sql`create table payments (id int primary key)`;
  let runs = 0;
  const pay = durableTask({
    name: "pay",
    retry: { maxAttempts: 1 },
    run: async (_: null, { step, transaction }) => {
      try {
        await transaction("pay", async (tx) => {
          runs += 1;
          await tx`insert into payments values (7)`;
        });
      } catch {
        return step("apologise", () => "not paid");
      }
      return "paid";
    },
  });
  const id = await enqueue(sql, pay, null);
  const commit = { query: "commit", when: "after" } as const;
  await runToEnd(
    stoppingAt(sql, commit, async () => "unanswered"),
    pay,
  );

  expect(runs).toBe(1);
  expect(await row(sql, id)).toMatchObject({ output: "paid", attempt: 1, fence: 2, errors: null });
  expect(await log(sql, id)).toEqual(["1 pay succeeded"]);
  expect(await sql`select id from payments`).toEqual([{ id: 7 }]);
});

test("a transaction that ignores its signal is rolled back, and returns its connection to the pool", async () => {
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

  expect(await row(sql, stuck)).toMatchObject({ error: { name: "TimeoutError" } });
  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: "ok" });
});

test("transactions leave a connection to the worker, however many handlers want one", async () => {
  const { sql, url, schema } = await freshDatabase();
  const pool = connect(url, { schema, max: 3 });
  onTestFinished(() => pool.end({ timeout: 0 }));
  const gate = new Gate();
  const pay = durableTask({
    name: "pay",
    run: (_: number, { transaction }) => transaction("pay", () => gate.pass()),
  });
  await enqueueMany(
    sql,
    pay,
    [1, 2, 3, 4].map((input) => ({ input })),
  );
  const worker = new Worker(pool, { tasks: [pay], log: () => {} });
  const ticking = worker.tick();
  await gate.arrived(1);
  // This round sends a heartbeat on a connection of the same pool.
  expect(await worker.tick()).toBe(0);
  gate.open();

  expect(await ticking).toBe(4);
});
