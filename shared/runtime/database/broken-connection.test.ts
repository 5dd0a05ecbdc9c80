import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
} from "vitest";
import { startTcpProxy, type TcpProxy } from "../../testing/tcp-proxy.ts";
import {
  backendPid,
  connect,
  one,
  type Queryable,
  type ReservedSql,
  type Sql,
  serverUrl,
  transaction,
  untilWaiting,
} from "./index.ts";

const LOCK = 0x7e57;

// Tests of the patched driver (patches/). Each connection goes through a proxy, which cuts it.
describe.each(["reset", "end"] as const)("a connection that breaks with a %s", (how) => {
  let proxy: TcpProxy;
  let sql: Sql;
  let observer: Sql;
  beforeAll(async () => {
    observer = connect(await serverUrl(), { max: 2 });
  });
  beforeEach(async () => {
    proxy = await startTcpProxy(await serverUrl());
    sql = connect(proxy.url, { max: 1 });
  });
  afterEach(async () => {
    await sql.end({ timeout: 0 });
    proxy.close();
  });
  afterAll(() => observer.end());

  /** Breaks a connection during a query; resolves with the query's error, after `atOnce` was called. */
  async function breakUnderQuery(on: Queryable, atOnce = () => {}): Promise<Error> {
    const pid = await backendPid(on);
    const holder = await observer.reserve();
    await holder`select pg_advisory_lock(${LOCK})`;
    const failed = on.unsafe(`select pg_advisory_lock(${LOCK})`).then(
      () => new Error("it did not fail"),
      (error: Error) => {
        atOnce();
        return error;
      },
    );
    await untilWaiting(observer, pid);
    proxy.cut(how);
    await holder`select pg_advisory_unlock_all()`;
    holder.release();
    return failed;
  }

  test("fails the running query, and the next query gets a new connection", async () => {
    const failed = await breakUnderQuery(sql);
    expect(failed.message).toMatch(/ECONNRESET|CONNECTION_CLOSED|terminating/);
    expect(await sql`select 1 as fine`).toEqual([{ fine: 1 }]);
  });

  test("fails queries that are sent while it breaks and afterwards", async () => {
    const reserved = await sql.reserve();
    let whileItBreaks: Promise<unknown> = Promise.resolve();
    await breakUnderQuery(reserved, () => {
      whileItBreaks = reserved`select 1`.catch((error: Error) => error);
    });
    expect(await whileItBreaks).toBeInstanceOf(Error);
    expect(await reserved`select 1`.catch((error: Error) => error)).toBeInstanceOf(Error);
    reserved.release();
    expect(await sql`select 1 as fine`).toEqual([{ fine: 1 }]);
  });

  test("fails all queries that were queued on it", async () => {
    const reserved = await sql.reserve();
    const failed = await Promise.all([
      ...Array.from({ length: 300 }, () => reserved`select pg_sleep(60)`.catch((e: Error) => e)),
      new Promise((resolve) => setImmediate(resolve)).then(() => proxy.cut(how)),
    ]);
    expect(failed.slice(0, 300).every((each) => each instanceof Error)).toBe(true);
    reserved.release();
  });

  test("gives its former owner no access to its successor", async () => {
    const broken = await sql.reserve();
    await breakUnderQuery(broken);
    const successor = await sql.reserve();
    await successor`begin`;
    const { id } = one(await successor`select pg_current_xact_id()::text as id`);

    expect(await broken`rollback`.catch((error: Error) => error)).toBeInstanceOf(Error);
    broken.release();
    const stolen = sql`select 1`.execute();
    expect(one(await successor`select pg_current_xact_id()::text as id`).id).toBe(id);
    await successor`commit`;
    successor.release();
    await stolen;
  });

  test("still serves callers that wait to reserve a connection", async () => {
    let reserving: Promise<ReservedSql> | undefined;
    await breakUnderQuery(sql, () => {
      reserving = sql.reserve();
    });
    const reserved = await reserving;
    expect(await reserved?.unsafe("select 1 as fine")).toEqual([{ fine: 1 }]);
    reserved?.release();
  });

  test("fails its transaction with one error", async () => {
    const failing = transaction(sql, async (tx) => {
      throw await breakUnderQuery(tx);
    });
    await expect(failing).rejects.toThrow(/ECONNRESET|CONNECTION_CLOSED|terminating/);
    expect(await sql`select 1 as fine`).toEqual([{ fine: 1 }]);
  });
});

test("the queries on a reserved connection that Postgres has closed fail with its reason", async () => {
  const sql = connect(await serverUrl(), { max: 2 });
  onTestFinished(() => sql.end({ timeout: 0 }));
  const reserved = await sql.reserve();
  const pid = await backendPid(reserved);
  await reserved.unsafe("begin; set local idle_in_transaction_session_timeout = 1");
  const isOpen = async () =>
    (await sql`select from pg_stat_activity where pid = ${pid}`).length > 0;
  await expect.poll(isOpen).toBe(false);

  for (const statement of ["select 1", "rollback"]) {
    await expect(reserved.unsafe(statement)).rejects.toMatchObject({ code: "25P03" });
  }
  reserved.release();
  expect(await sql`select 1 as fine`).toEqual([{ fine: 1 }]);
});

describe("a pending connection", () => {
  test("is not held for a reservation that has failed", async () => {
    const proxy = await startTcpProxy(await serverUrl());
    onTestFinished(proxy.close);
    const sql = connect(proxy.url, { max: 1 });
    onTestFinished(() => sql.end({ timeout: 0 }));
    proxy.refuse();
    for (let time = 1; time <= 3; time += 1) await expect(sql.reserve()).rejects.toThrow();
    proxy.accept();
    for (let time = 1; time <= 3; time += 1) {
      expect(await sql`select 1 as fine`).toEqual([{ fine: 1 }]);
    }
  });

  test("is not opened if its pool has ended in the meantime", async () => {
    const proxy = await startTcpProxy(await serverUrl());
    onTestFinished(proxy.close);
    const pools = [connect(proxy.url, { max: 1 }), connect(proxy.url, { max: 1 })] as const;
    onTestFinished(() => pools[1].end({ timeout: 0 }));
    for (const sql of pools) await sql`select 1`;
    const failed = pools.map((sql) => sql`select pg_sleep(60)`.catch((error: Error) => error));
    proxy.cut("reset");
    await Promise.all(failed);

    // Both pools wait before they reconnect, as after each failure. The first one's wait ends sooner.
    const before = proxy.connections;
    const [ended, other] = pools.map((sql) => sql`select 1 as fine`.catch((error: Error) => error));
    await pools[0].end({ timeout: 0 });
    expect(await ended).toBeInstanceOf(Error);
    expect(await other).toEqual([{ fine: 1 }]);
    expect(proxy.connections - before).toBe(1);
  });
});
