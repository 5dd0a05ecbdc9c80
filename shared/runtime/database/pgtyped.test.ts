import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, pgtyped, type Sql, transaction } from "./index.ts";
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
