import postgres from "postgres";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Gate } from "../../testing/index.ts";
import { backendPid, connect, limitTransactions, one, type Sql, transaction } from "./index.ts";
import { serverUrl } from "./server.ts";

let url: string;
let observer: Sql;
beforeAll(async () => {
  url = await serverUrl();
  observer = connect(url, { max: 1 });
});
afterAll(() => observer.end());

async function withPool<T>(max: number, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = connect(url, { max });
  return work(sql).finally(() => sql.end({ timeout: 0 }));
}

const currentTransaction = async (sql: Pick<Sql, "unsafe">) =>
  one(await sql.unsafe("select pg_current_xact_id()::text as id")).id as string;

test("a transaction keeps its connection while the pool is saturated", async () => {
  // With queues this short, sql.begin() loses the connection on which it has sent BEGIN: issue 823.
  const options = { max: 3, max_pipeline: 2, onnotice: () => {} };
  const sql = postgres(url, options);
  onTestFinished(() => sql.end({ timeout: 0 }));
  const many = Array.from({ length: 100 }, (_, index) =>
    index % 2 === 0
      ? sql`select pg_sleep(0.001)`
      : transaction(sql, async (tx) => {
          const before = [await backendPid(tx), await currentTransaction(tx)];
          await tx`select pg_sleep(0.001)`;
          const after = [await backendPid(tx), await currentTransaction(tx)];
          expect(after).toEqual(before);
          return before[1] as string;
        }),
  );
  const ids = (await Promise.all(many)).filter((result) => typeof result === "string");
  expect(new Set(ids).size).toBe(50);
});

test("a transaction in which a failed statement was caught is not reported as committed", async () => {
  await withPool(1, async (sql) => {
    const swallowed = transaction(sql, async (tx) => {
      await tx`select 1 / 0`.catch(() => {});
    });
    await expect(swallowed).rejects.toThrow("was rolled back");
  });
});

test("a statement that was not awaited in a transaction does not run after it", async () => {
  await withPool(1, async (sql) => {
    await sql`create temporary table written (n int)`;
    let late: Promise<unknown> = Promise.resolve();
    const failing = transaction(sql, async (tx) => {
      late = tx`select pg_sleep(0.05)`.then(() => tx`insert into written values (1)`);
      late.catch(() => {});
      throw new Error("the caller's own");
    });
    await expect(failing).rejects.toThrow("the caller's own");
    await expect(late).rejects.toThrow("This transaction is over");
    expect(await sql`select n from written`).toEqual([]);
  });
});

test("a transaction that throws is rolled back, and rethrows the caller's error", async () => {
  await withPool(1, async (sql) => {
    await sql`create temporary table written (n int)`;
    const failing = transaction(sql, async (tx) => {
      await tx`insert into written values (1)`;
      throw new Error("the caller's own");
    });
    await expect(failing).rejects.toThrow("the caller's own");
    await transaction(sql, (tx) => tx`insert into written values (2)`.then(() => {}));
    expect(await sql`select n from written`).toEqual([{ n: 2 }]);
  });
});

test("an error from Postgres rolls back, and the connection can be used again", async () => {
  await withPool(1, async (sql) => {
    const failing = transaction(sql, (tx) => tx`select 1 / 0`);
    await expect(failing).rejects.toThrow("division by zero");
    expect(await sql`select 1 as fine`).toEqual([{ fine: 1 }]);
  });
});

test("a connection that breaks in a transaction surfaces as one error, and the pool recovers", async () => {
  await withPool(1, async (sql) => {
    const broken = transaction(sql, async (tx) => {
      const pid = await backendPid(tx);
      await observer`select pg_terminate_backend(${pid})`;
      await tx`select 1`;
    });
    await expect(broken).rejects.toThrow();
    expect(await sql`select 1 as fine`).toEqual([{ fine: 1 }]);
  });
});

test("a connection that breaks during a query surfaces as one error, and the pool recovers", async () => {
  await withPool(1, async (sql) => {
    const pid = await backendPid(sql);
    const waiting = sql`select pg_sleep(60)`.catch((error: Error) => error);
    await observer`select pg_terminate_backend(${pid})`;
    expect(await waiting).toBeInstanceOf(Error);
    expect(await sql`select 1 as fine`).toEqual([{ fine: 1 }]);
  });
});

test("of limited transactions no more than the limit run at once, the others in the order of their calls", async () => {
  await withPool(3, async (sql) => {
    const limited = limitTransactions(sql, 1);
    const order: string[] = [];
    const gate = new Gate();
    const first = limited(async () => {
      order.push("first begins");
      await gate.pass();
      order.push("first ends");
    });
    const failing = limited(async () => {
      order.push("second");
      throw new Error("no");
    });
    const third = limited(async () => order.push("third"));
    await gate.arrived(1);
    // Connections are left for others.
    await sql`select`;
    gate.open();
    await expect(failing).rejects.toThrow("no");
    await Promise.all([first, third]);
    expect(order).toEqual(["first begins", "first ends", "second", "third"]);
  });
});
