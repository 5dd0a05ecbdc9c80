import { connect } from "shared/database";
import { freshDatabase, Gate } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, enqueueMany, result, type TaskContext, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";

test("a handler that catches the stop of its worker has decided nothing: its task goes back", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const pay = durableTask({
    name: "pay",
    run: async (_: null, { step, signal }) => {
      await gate.pass();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return step("charge", () => "charged").catch(() => "declined");
    },
  });
  const id = await enqueue(sql, pay, null);
  const worker = new Worker(sql, { tasks: [pay], log: () => {} });
  worker.start();
  gate.open();
  await gate.arrived(1);
  await worker.stop({ deadlineMs: 0 });

  const [row] = await sql`select status, attempt, output from tasks where id = ${id}`;
  expect(row).toEqual({ status: "queued", attempt: 1, output: null });
});

test("a step that ends within the grace of a stop is kept", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const pay = durableTask({
    name: "pay",
    run: async (_: null, { step }) => {
      await step("charge", async ({ signal }) => {
        await gate.pass();
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        return "charged";
      });
      await step("ship", () => {});
    },
  });
  await enqueue(sql, pay, null);
  const worker = new Worker(sql, { tasks: [pay], log: () => {} });
  worker.start();
  gate.open();
  await gate.arrived(1);
  await worker.stop({ deadlineMs: 0 });

  expect(await sql`select name, output from events`).toEqual([
    { name: "charge", output: "charged" },
  ]);
});

test("a step beside one that fails may finish, and does not run again", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const gate = new Gate();
  const order = durableTask({
    name: "order",
    retry: { backoffMs: 0 },
    run: async (_: null, { step, attempt }) => {
      const slow = step("pack", async () => {
        ran.push("pack");
        await gate.pass();
      });
      const failing = step("charge", () => {
        if (attempt > 1) return;
        setImmediate(() => gate.open());
        throw new Error("no answer");
      });
      await Promise.all([slow, failing]);
    },
  });
  const id = await enqueue(sql, order, null);
  const worker = new Worker(sql, { tasks: [order], graceMs: 3_600_000, log: () => {} });
  while ((await worker.tick()) > 0);

  expect(ran).toEqual(["pack"]);
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: null });
});

test("a call after the handler has returned is refused, and harms nobody", async () => {
  const { sql } = await freshDatabase();
  let kept: TaskContext | undefined;
  const forgetful = durableTask({
    name: "forgetful",
    run: (_: null, context) => {
      kept = context;
      context.step("not awaited", () => {
        throw new Error("nobody sees it");
      });
    },
  });
  const id = await enqueue(sql, forgetful, null);
  await new Worker(sql, { tasks: [forgetful], log: () => {} }).tick();

  let ran = false;
  const late = kept?.step("too late", () => {
    ran = true;
  });
  await expect(late).rejects.toThrow("The task has ended");
  expect(ran).toBe(false);
  expect(await result(sql, id)).toMatchObject({ status: "succeeded" });
});

test("a name that cannot be stored fails the task, and a step without a function too", async () => {
  const { sql } = await freshDatabase();
  const bad = durableTask({
    name: "bad",
    run: async (name: string, { step }) => {
      await step(name, undefined as never);
    },
  });
  const worker = new Worker(sql, { tasks: [bad], log: () => {} });
  const ids = await enqueueMany(sql, bad, [{ input: "" }, { input: "charge" }]);
  await worker.tick();

  expect(await result(sql, ids[0] as string)).toMatchObject({
    error: {
      name: "UnstorableValueError",
      message: "name must be a non-empty string",
    },
  });
  expect(await result(sql, ids[1] as string)).toMatchObject({
    error: { message: expect.stringContaining("run is not a function") },
  });
});

test("transactions leave the worker connections of its own, however many handlers want one", async () => {
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
  // A second round shows that the worker is alive, on a connection of the same pool.
  expect(await worker.tick()).toBe(0);
  gate.open();

  expect(await ticking).toBe(4);
});

test("what a transaction has done is undone when it fails, and its failure is in the log", async () => {
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
  await new Worker(sql, { tasks: [transfer], log: () => {} }).tick();

  expect(await sql`select balance from accounts order by name`).toEqual([
    { balance: 10 },
    { balance: 0 },
  ]);
  expect(
    await sql`select status, error ->> 'name' as error from events where task_id = ${id}`,
  ).toEqual([{ status: "failed", error: "PostgresError" }]);
});

test("a transaction that gave way in a deadlock is run again, and the log knows nothing of it", async () => {
  const { sql } = await freshDatabase();
  let runs = 0;
  const once = durableTask({
    name: "once",
    run: (_: null, { transaction }) =>
      transaction("once", async (tx) => {
        runs += 1;
        if (runs === 1) await tx.unsafe("do $$ begin raise sqlstate '40P01'; end $$");
        return runs;
      }),
  });
  const id = await enqueue(sql, once, null);
  await new Worker(sql, { tasks: [once], log: () => {} }).tick();

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: 2 });
  expect(await sql`select seq, attempt from events`).toEqual([{ seq: 1, attempt: 1 }]);
});
