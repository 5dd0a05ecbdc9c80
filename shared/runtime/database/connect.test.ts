import postgres from "postgres";
import { expect, onTestFinished, test, vi } from "vitest";
import { emptySchema } from "../../testing/index.ts";
import { type ConnectOptions, checkPool, connect, type Sql, samePool } from "./connect.ts";
import { one } from "./one.ts";
import type { Queryable } from "./pgtyped.ts";
import { serverUrl } from "./server.ts";

async function poolWith(options: ConnectOptions = {}): Promise<Sql> {
  const sql = connect(await serverUrl(), { max: 1, ...options });
  onTestFinished(() => sql.end({ timeout: 0 }));
  return sql;
}

async function settings(connection: Queryable): Promise<Record<string, string>> {
  const names = [
    "default_transaction_isolation",
    "jit",
    "lock_timeout",
    "plan_cache_mode",
    "enable_seqscan",
    "application_name",
  ];
  const rows = await connection.unsafe(
    `select name, current_setting(name) as value from unnest('{${names}}'::text[]) as name`,
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

test("each connection has its settings before its first query", async () => {
  const sql = await poolWith({ max: 3, lockTimeoutMs: 1_500, applicationName: "a name" });
  const expected = {
    default_transaction_isolation: "read committed",
    jit: "off",
    lock_timeout: "1500ms",
    plan_cache_mode: "auto",
    enable_seqscan: "on",
    application_name: "a name",
  };
  const reserved = await sql.reserve();
  expect(await settings(reserved)).toEqual(expected);
  reserved.release();
  const all = await Promise.all([1, 2, 3, 4, 5, 6].map(() => settings(sql)));
  expect(all).toEqual(all.map(() => expected));
});

test("a second pool made from the first has its settings, and so has a connection that replaces a broken one", async () => {
  const sql = await poolWith({ planOnce: true });
  const same = samePool(sql, { max: 1 });
  onTestFinished(() => same.end({ timeout: 0 }));
  const expected = { jit: "off", plan_cache_mode: "force_generic_plan", enable_seqscan: "off" };
  expect(await settings(same)).toMatchObject(expected);
  await same`select pg_terminate_backend(pg_backend_pid())`.catch(() => {});
  expect(await settings(same)).toMatchObject(expected);
});

test("LISTEN works on a pool with settings", async () => {
  const sql = await poolWith();
  const heard = new Promise<string>(
    (resolve) =>
      void sql.listen("a_channel", resolve, () => {
        void sql.notify("a_channel", "hello");
      }),
  );
  expect(await heard).toBe("hello");
});

test("if Postgres rejects a setting, each query fails with the error from Postgres", async () => {
  const sql = await poolWith({ lockTimeoutMs: -2 });
  for (let time = 1; time <= 2; time += 1) {
    await expect(sql`select 1`).rejects.toThrow(/-2 .*outside the valid range/);
    await expect(sql.reserve()).rejects.toThrow(/-2 .*outside the valid range/);
  }
});

test.each(["Tenant1", "my schema", "a,b", 'with "quotes"', "$user", "it's"])(
  "a schema may be named %s",
  async (suffix) => {
    const { sql, url, schema } = await emptySchema();
    const name = `${schema} ${suffix}`;
    await sql`create schema ${sql(name)}`;
    onTestFinished(async () => void (await sql`drop schema ${sql(name)} cascade`));
    const own = connect(url, { max: 1, schema: name });
    onTestFinished(() => own.end({ timeout: 0 }));
    await own`create table here (n int)`;
    expect(one(await own`select current_schema() as name`).name).toBe(name);
    expect(await sql`select from ${sql(name)}.here`).toEqual([]);
  },
);

test("several schemas are searched in the given order", async () => {
  const { sql, url, schema } = await emptySchema();
  const first = `${schema}, first`;
  await sql`create schema ${sql(first)}`;
  onTestFinished(async () => void (await sql`drop schema ${sql(first)} cascade`));
  await sql`create table shadowed as select 'second' as found`;
  await sql`create table plain as select 'second' as found`;
  await sql`create table ${sql(first)}.shadowed as select 'first' as found`;
  const own = connect(url, { max: 1, schema: [first, schema] });
  onTestFinished(() => own.end({ timeout: 0 }));
  expect(await own`select found from shadowed`).toEqual([{ found: "first" }]);
  expect(await own`select found from plain`).toEqual([{ found: "second" }]);
});

test("a pool made by connect() or samePool() is accepted for a worker, and so is a wrapper of it", async () => {
  const sql = await poolWith();
  const same = samePool(samePool(sql, { max: 1 }), { max: 1 });
  const wrapper = new Proxy(sql, {
    get: (pool, key) => (key === "options" ? { ...pool.options } : Reflect.get(pool, key)),
  });
  for (const pool of [sql, same, wrapper]) expect(() => checkPool(pool)).not.toThrow();
});

test("a pool made by a bundled copy of connect() is accepted", async () => {
  vi.resetModules();
  const bundled: typeof import("./connect.ts") = await import("./connect.ts");
  expect(bundled.connect).not.toBe(connect);
  expect(() => checkPool(bundled.connect("postgres://localhost/x"))).not.toThrow();
});

test("a pool with other options is refused, and so is a connection", async () => {
  const message = "The worker needs a pool made by connect(url); this one has other options";
  const sql = await poolWith();
  const plain = postgres("postgres://localhost/x", sql.options as never);
  for (const pool of [plain, samePool(plain, { max: 1 })]) {
    expect(() => checkPool(pool)).toThrow(message);
  }
  const reserved = await sql.reserve();
  expect(() => checkPool(reserved as never)).toThrow(message);
  reserved.release();
});
