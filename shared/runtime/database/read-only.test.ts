import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { emptySchema } from "../../testing/index.ts";
import { backendPid, connect, type ReservedSql, type Sql, samePool, transaction } from "./index.ts";

// A connection that is read-only, as after its primary was demoted. Other connections can write.
describe("a connection to a read-only server", () => {
  let sql: Sql;
  let pid: number;
  beforeEach(async () => {
    const { url, schema } = await emptySchema();
    sql = connect(url, { schema, max: 1 });
    onTestFinished(() => sql.end({ timeout: 0 }));
    await sql`create table numbers (n int)`;
    await sql`set default_transaction_read_only = on`;
    pid = await backendPid(sql);
  });

  async function expectAnotherConnection() {
    await sql`insert into numbers values (2)`;
    expect(await sql`select n from numbers`).toEqual([{ n: 2 }]);
    expect(await backendPid(sql)).not.toBe(pid);
  }

  test("is closed after a failed write", async () => {
    expect(await sql`select n from numbers`).toEqual([]);
    expect(await backendPid(sql)).toBe(pid);
    await expect(sql`insert into numbers values (1)`).rejects.toMatchObject({ code: "25006" });
    await expectAnotherConnection();
  });

  test("first answers queries that were sent on it; queued queries go to another connection", async () => {
    const [write, read, ...later] = await Promise.allSettled([
      sql`insert into numbers values (1)`,
      sql`select pg_backend_pid() as pid`,
      ...Array.from({ length: 200 }, () => sql`select pg_backend_pid() as pid`),
    ]);
    expect(write).toMatchObject({ status: "rejected", reason: { code: "25006" } });
    expect(read).toMatchObject({ status: "fulfilled", value: [{ pid }] });
    expect(later.filter(({ status }) => status === "rejected")).toEqual([]);
    expect(later.at(-1)).not.toMatchObject({ value: [{ pid }] });
    await expectAnotherConnection();
  });

  test("ends its reservation", async () => {
    const reserved = await sql.reserve();
    await expect(reserved`insert into numbers values (1)`).rejects.toMatchObject({ code: "25006" });
    const waiting = sql.reserve();
    await expect(reserved`select 1`).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
    reserved.release();
    (await waiting).release();
    await expectAnotherConnection();
  });

  test("is closed together with all others of its pool, as they lead to the same server", async () => {
    const many = samePool(sql, { max: 3 });
    onTestFinished(() => many.end({ timeout: 0 }));
    const reserveAll = () => Promise.all([1, 2, 3].map(() => many.reserve()));
    const all = await reserveAll();
    for (const each of all) await each`set default_transaction_read_only = on`;
    const before = await Promise.all(all.map(backendPid));
    for (const each of all) each.release();
    await expect(many`insert into numbers values (1)`).rejects.toMatchObject({ code: "25006" });
    await many`insert into numbers values (2)`;
    const after = await Promise.all((await reserveAll()).map(backendPid));
    expect(after.filter((each) => before.includes(each))).toEqual([]);
  });

  const write = async (tx: ReservedSql | Sql) => void (await tx`insert into numbers values (1)`);

  test.each([
    ["a transaction of ours", () => transaction(sql, write)],
    ["a transaction of the driver's", () => sql.begin(write as never)],
  ])("fails %s with the error from Postgres, and no other query", async (_, run) => {
    await expect(run()).rejects.toMatchObject({ code: "25006" });
    await expectAnotherConnection();
  });

  test("does not prevent its pool from ending", async () => {
    const failing = sql`insert into numbers values (1)`.catch((error) => error.code);
    const ending = sql.end();
    expect(await failing).toBe("25006");
    await ending;
    await expect(sql`select 1`).rejects.toMatchObject({ code: "CONNECTION_ENDED" });
  });
});
