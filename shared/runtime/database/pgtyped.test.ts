import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { connect, pgtyped, type Queryable, type Sql, transaction } from "./index.ts";
import { serverUrl } from "./server.ts";

let sql: Sql;
beforeAll(async () => {
  sql = connect(await serverUrl(), { max: 2 });
});
afterAll(() => sql.end());

const values = [
  true,
  false,
  0,
  -1.5,
  "plain",
  "",
  "true",
  "null",
  "[1, 2]",
  '{"looks": "like JSON"}',
  '"quoted"',
  "12345678901234567890",
  "line\u2028separator",
  "emoji 😀",
  [],
  [[]],
  [1, "two", null, [true]],
  {},
  { snake_case: 1, camelCase: 2, nested: { more_snake: [{ and_more: null }] } },
  { "": "empty key", "with space": "12345678901234567890" },
  null,
];

test.each(values.map((value) => [JSON.stringify(value), value]))(
  "%s goes through a jsonb parameter unchanged",
  async (_, value) => {
    const { rows } = await pgtyped(sql).query("select $1::jsonb as value", [value]);
    expect(rows).toEqual([{ value }]);
  },
);

test("each value goes through a text parameter that is cast to jsonb unchanged", async () => {
  for (const value of values) {
    const text = JSON.stringify(value);
    const { rows } = await pgtyped(sql).query("select $1::text::jsonb as value", [text]);
    expect(rows).toEqual([{ value }]);
  }
});

test.each([
  ["jsonb[]", values.filter((value) => value !== null && !Array.isArray(value))],
  ["jsonb[]", []],
  ["text[]", ["plain", "", "null", "a,b", '"quoted"', "{braces}", "back\\slash", "U+2028 \u2028"]],
  ["text[]", []],
  ["bigint[]", ["1", "9007199254740993", "-9223372036854775808"]],
  ["int[]", [1, 2, 3]],
  ["boolean[]", [true, false]],
])("an array goes through a %s parameter unchanged", async (type, value) => {
  const { rows } = await pgtyped(sql).query(`select $1::${type} as value`, [value]);
  expect(rows).toEqual([{ value }]);
});

test("a bigint column is returned as a string, without loss of precision", async () => {
  const { rows } = await pgtyped(sql).query("select 9007199254740993::bigint as value", []);
  expect(rows).toEqual([{ value: "9007199254740993" }]);
});

test("columns are renamed to camelCase, keys inside jsonb are not", async () => {
  const { rows } = await pgtyped(sql).query("select $1::jsonb as some_value", [{ a_key: 1 }]);
  expect(rows).toEqual([{ someValue: { a_key: 1 } }]);
});

test("the number of rows is counted", async () => {
  const { rowCount } = await pgtyped(sql).query("select generate_series(1, 3)", []);
  expect(rowCount).toBe(3);
});

test("a query that is given a transaction runs in it", async () => {
  const inside = await transaction(sql, async (tx) => {
    const { rows: first } = await pgtyped(tx).query("select txid_current() as id", []);
    const { rows: second } = await pgtyped(tx).query("select txid_current() as id", []);
    return [first[0].id, second[0].id];
  });
  expect(inside[0]).toBe(inside[1]);
});

describe.each([
  ["without options", {}],
  ["that renames columns itself", { transform: postgres.camel }],
  ["without prepared statements", { prepare: false }],
])("on a pool of the driver %s", (_, options) => {
  test.each<[where: string, run: (pool: Sql, check: typeof expectRows) => Promise<void>]>([
    ["on the pool", (pool, check) => check(pool)],
    ["in its transaction", (pool, check) => pool.begin((tx) => check(tx)).then(() => {})],
    ["in our transaction", (pool, check) => transaction(pool, check)],
  ])("a query returns the same %s", async (_, run) => {
    const pool = postgres(await serverUrl(), { max: 2, ...options });
    onTestFinished(() => pool.end({ timeout: 0 }));
    await run(pool, expectRows);
  });

  async function expectRows(connection: Queryable): Promise<void> {
    const { query } = pgtyped(connection);
    // The driver remembers the columns of a prepared statement.
    for (let time = 1; time <= 2; time += 1) {
      const { rows, rowCount } = await query(
        'select n as task_id, $1::jsonb as input, $2::text[] as "all_names!" from generate_series(1, 2) as n',
        [{ to: true }, ["a,b"]],
      );
      const row = { input: { to: true }, "allNames!": ["a,b"] };
      expect({ rows: [...rows], rowCount }).toEqual({
        rows: [
          { taskId: 1, ...row },
          { taskId: 2, ...row },
        ],
        rowCount: 2,
      });
    }
    expect(await query("select 1 as task_id where $1", [false])).toMatchObject({ rowCount: 0 });
    expect((await query("select null as wake_at", [])).rows).toEqual([{ wakeAt: null }]);
    expect((await query("do 'begin end'", [])).rows).toEqual([]);
  }
});

test("a pool may parse a type in its own way", async () => {
  const types = { bigint: postgres.BigInt };
  const pool = postgres(await serverUrl(), { max: 1, types });
  onTestFinished(() => pool.end({ timeout: 0 }));
  const { rows } = await pgtyped(pool).query("select $1::bigint as task_id", ["7"]);
  expect(rows).toEqual([{ taskId: 7n }]);
});

test("rows whose columns have no underscore are those of the driver", async () => {
  const returned = Object.assign([{ taskId: 1 }], { columns: [{ name: "taskId" }] });
  const driver = { unsafe: async () => returned };
  const { rows } = await pgtyped(driver as never).query("select", []);
  expect(rows).toBe(returned);
});
