import { backendPid, type ReservedSql, type Sql, untilWaiting } from "shared/database";
import { freshDatabase, log, oneConnection, postgresError, row } from "shared/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { enqueue } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";
import { runToEnd } from "./runs.ts";

/** The body of a transaction. `run` is 1 when it runs for the first time, 2 for the second. */
type Body = (tx: ReservedSql, run: number) => Promise<unknown> | unknown;

/** Returns a task with one transaction, and the number of times that its body has run so far. */
function taskOf(body: Body, maxAttempts = 1) {
  let runs = 0;
  const pay = durableTask({
    name: "pay",
    retry: { maxAttempts, backoffMs: 0 },
    run: (_: null, { transaction }) =>
      transaction("pay", (tx) => {
        runs += 1;
        return body(tx, runs);
      }),
  });
  return { pay, runs: () => runs };
}

describe("an error of the body's own fails the step, whatever its code looks like", () => {
  test.each([404, "40001", "25P03", "ECONNREFUSED"])("%j", async (code) => {
    const { sql } = await freshDatabase();
    const { pay, runs } = taskOf(() => {
      throw Object.assign(new Error("no such customer"), { code });
    });
    const id = await enqueue(sql, pay, null);
    await runToEnd(sql, pay);

    expect(runs()).toBe(1);
    expect(await row(sql, id)).toMatchObject({
      status: "failed",
      attempt: 1,
      error: { name: "StepFailedError", message: 'Step "pay" failed: no such customer' },
    });
    expect(await log(sql, id)).toEqual(["1 pay failed: no such customer", "1 pay reopened"]);
  });
});

describe("a transaction that Postgres refuses for now runs again, within the same attempt of the step", () => {
  test("a lock timeout", async () => {
    const database = await freshDatabase();
    const { sql } = database;
    await sql`create table accounts (balance int)`;
    await sql`insert into accounts values (10)`;
    const { connection: holder } = await oneConnection(database);
    await holder.unsafe("begin; select from accounts for update");
    await expectTwoRuns(sql, async (tx, run) => {
      if (run === 1) await tx`set local lock_timeout = 1`;
      else await holder`commit`;
      await tx`update accounts set balance = 0`;
    });
  });

  test("a statement timeout", async () => {
    const { sql } = await freshDatabase();
    await expectTwoRuns(sql, async (tx, run) => {
      if (run > 1) return;
      await tx`set local statement_timeout = 1`;
      await tx`select pg_sleep(60)`;
    });
  });

  test("a deadlock", async () => {
    const database = await freshDatabase();
    const { sql } = database;
    await sql`create table a ()`;
    await sql`create table b ()`;
    const { connection: other } = await oneConnection(database);
    // It never notices the deadlock itself, so the other one is the victim.
    await other`set deadlock_timeout = '1min'`;
    await other.unsafe("begin; lock table b");
    const pid = await backendPid(other);
    let blocked: Promise<unknown> | undefined;
    await expectTwoRuns(sql, async (tx, run) => {
      await tx`set local deadlock_timeout = 10`;
      await tx`lock table a`;
      if (run === 1) blocked = other.unsafe("lock table a; commit").execute();
      // Postgres looks for a deadlock once.
      if (run === 1) await untilWaiting(sql, pid);
      await tx`lock table b`;
    });
    await blocked;
  });

  test("no connection", async () => {
    const { sql } = await freshDatabase();
    const tooMany = postgresError("53300", "sorry, too many clients already");
    const { pay, runs } = taskOf(() => "paid");
    const id = await enqueue(sql, pay, null);
    await runToEnd(refusingConnections(sql, 2, tooMany), pay);

    expect(runs()).toBe(1);
    expect(await row(sql, id)).toMatchObject({ output: "paid", attempt: 1 });
    expect(await log(sql, id)).toEqual(["1 pay succeeded"]);
  });

  async function expectTwoRuns(sql: Sql, body: Body): Promise<void> {
    const { pay, runs } = taskOf(body);
    const id = await enqueue(sql, pay, null);
    await runToEnd(sql, pay);

    expect(runs()).toBe(2);
    expect(await row(sql, id)).toMatchObject({ status: "succeeded", attempt: 1 });
    expect(await log(sql, id)).toEqual(["1 pay succeeded"]);
  }
});

test("the first statement of the body is the first of its transaction, even when it runs again after a conflict", async () => {
  const { sql } = await freshDatabase();
  await sql`create table accounts (name text, balance int)`;
  await sql`insert into accounts values ('alice', 10), ('bob', 10)`;
  const levels: string[] = [];
  const { pay, runs } = taskOf(async (tx, run) => {
    await tx`set transaction isolation level serializable`;
    const [level] = await tx`show transaction_isolation`;
    levels.push(level?.transactionIsolation);
    await tx`select sum(balance) from accounts`;
    // Each of the two reads what the other writes, so only one can commit.
    if (run === 1) await withdrawElsewhere(sql);
    await tx`update accounts set balance = balance - 10 where name = 'alice'`;
    const [left] = await tx`select sum(balance)::int from accounts`;
    return left?.sum;
  });
  const id = await enqueue(sql, pay, null);
  await runToEnd(sql, pay);

  expect(runs()).toBe(2);
  expect(levels).toEqual(["serializable", "serializable"]);
  expect(await row(sql, id)).toMatchObject({ output: 0, attempt: 1 });
  expect(await log(sql, id)).toEqual(["1 pay succeeded"]);
});

test("a transaction whose conflict never passes fails its step after ten runs", async () => {
  const { sql } = await freshDatabase();
  // The waits between the runs are random.
  vi.spyOn(Math, "random").mockReturnValue(0);
  onTestFinished(() => void vi.restoreAllMocks());
  const { pay, runs } = taskOf((tx) =>
    tx.unsafe("do $$ begin raise 'always in conflict' using errcode = '40001'; end $$"),
  );
  const id = await enqueue(sql, pay, null);
  await runToEnd(sql, pay);

  expect(runs()).toBe(10);
  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    attempt: 1,
    error: { name: "StepFailedError", message: 'Step "pay" failed: always in conflict' },
  });
});

test("a transaction that was idle for too long costs an attempt, and the last error says what happened", async () => {
  const { sql } = await freshDatabase();
  const { pay, runs } = taskOf(async (tx) => {
    const [backend] = await tx`select pg_backend_pid() as pid`;
    await tx`set local idle_in_transaction_session_timeout = 1`;
    const isAlive = async () =>
      (await sql`select from pg_stat_activity where pid = ${backend?.pid}`).length > 0;
    await expect.poll(isAlive).toBe(false);
  }, 2);
  const id = await enqueue(sql, pay, null);
  await runToEnd(sql, pay);

  expect(runs()).toBe(2);
  const error = {
    name: "RunDroppedError",
    message: expect.stringMatching(
      /^The result of transaction "pay" may not be in the event log: .*idle-in-transaction timeout/,
    ),
  };
  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    attempt: 2,
    error,
    errors: [error, error],
  });
  expect(await log(sql, id)).toEqual([]);
});

/** Withdraws from Bob's account in a serializable transaction, after reading both. */
async function withdrawElsewhere(sql: Sql): Promise<void> {
  await sql.begin("isolation level serializable", async (tx) => {
    await tx`select sum(balance) from accounts`;
    await tx`update accounts set balance = balance - 10 where name = 'bob'`;
  });
}

/** Returns a wrapper of the pool that refuses the first `times` connections for transactions. */
function refusingConnections(sql: Sql, times: number, error: Error): Sql {
  let left = times;
  onTestFinished(() => expect(left).toBe(0));
  return new Proxy(sql, {
    get(target, key) {
      if (key !== "reserve" || left === 0) return Reflect.get(target, key);
      left -= 1;
      return () => Promise.reject(error);
    },
  });
}
