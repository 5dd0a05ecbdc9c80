import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { describe, expect, expectTypeOf, test } from "vitest";
import { encodeJson, hashJson, type Stored } from "./index.ts";

/** A promise with properties, like a query of postgres.js. */
class Query extends Promise<unknown> {
  readonly strings = ["select 1"];

  constructor() {
    super(() => {});
  }
}

/** What runs when it is awaited, like a query of a query builder. */
class QueryBuilder {
  readonly table = "orders";

  // biome-ignore lint/suspicious/noThenProperty: This is what is to be refused.
  then() {}
}

class Tags extends Set<string> {}

class Labels extends Map<string, number> {
  toJSON(key: string) {
    return { key, entries: [...this] };
  }
}

class Money {
  readonly cents: number;
  readonly currency: string;

  constructor(cents: number, currency: string) {
    this.cents = cents;
    this.currency = currency;
  }
}

class PostgresError extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

function OldError(this: { message: string }) {
  this.message = "no";
}
OldError.prototype = Object.create(Error.prototype, { constructor: { value: OldError } });

describe("an object whose content JSON would lose is refused, with its path, its class and what to do", () => {
  const array = "convert it to an array first";
  const bytes = "convert it to an array or a base64 string first";
  const entries = "leave it out: its entries cannot be listed";
  const error = "store its name and message instead";
  const contents = "store what it contains instead";

  test.each<[problem: string, value: object]>([
    ["a Promise; await it first", Promise.resolve(1)],
    ["a Query; await it first", new Query()],
    ["a QueryBuilder; await it first", new QueryBuilder()],
    // biome-ignore lint/suspicious/noThenProperty: This is what is to be refused.
    ["a thenable; await it first", { then: () => {} }],
    ["a Map; convert it to an object or an array first", new Map([["a", 1]])],
    ["a Map; convert it to an object or an array first", Object.assign(new Map(), { name: "a" })],
    [`a Set; ${array}`, new Set([1])],
    [`a Tags; ${array}`, new Tags(["a"])],
    [`a WeakMap; ${entries}`, new WeakMap()],
    [`a WeakSet; ${entries}`, new WeakSet()],
    ["a RegExp; store its source and flags instead", /a/g],
    [`an Error; ${error}`, new Error("no")],
    [`a PostgresError; ${error}`, new PostgresError("no", "23505")],
    [`an Error; ${error}`, thrownBy(() => readFileSync("/no/such/file"))],
    [`an AggregateError; ${error}`, new AggregateError([])],
    [`a DOMException; ${error}`, new DOMException("no")],
    [`an OldError; ${error}`, new (OldError as unknown as new () => object)()],
    [`an ArrayBuffer; ${bytes}`, new ArrayBuffer(8)],
    [`a DataView; ${bytes}`, new DataView(new ArrayBuffer(8))],
    [`a Uint8Array; ${bytes}`, Uint8Array.of(1, 2)],
    [`an Int32Array; ${bytes}`, Int32Array.of(1, 2)],
    [`a Response; ${contents}`, new Response("ok")],
    [`a URLSearchParams; ${contents}`, new URLSearchParams("a=b")],
    [`a Map; ${contents}`, new Proxy(new Map(), {})],
    [`a Generator; ${contents}`, generator()],
  ])("%s", (problem, value) => {
    for (const [input, path] of wherever(value)) {
      expect(() => encodeJson(input, "input")).toThrow(refused(path, problem));
      expect(() => hashJson(input, "input")).toThrow(refused(path, problem));
    }
  });

  test.each([
    ["a Map", "new Map()"],
    ["a Set", "new Set()"],
    ["a WeakMap", "new WeakMap()"],
    ["a WeakSet", "new WeakSet()"],
    ["a RegExp", "/a/"],
    ["a TypeError", "Object.assign(new TypeError('no'), { code: 1 })"],
    ["a Promise", "Promise.resolve(1)"],
    ["an ArrayBuffer", "new ArrayBuffer(8)"],
    ["a Uint8Array", "new Uint8Array(8)"],
  ])("%s of another realm", (name, code) => {
    const value = runInContext(`({ items: [${code}] })`, createContext());
    expect(() => encodeJson(value, "input")).toThrow(refused("input.items[0]", `${name}; `));
  });

  test("also if it is too large to be stored", () => {
    const bytes = new Uint8Array(2 * 1024 * 1024).fill(255);
    expect(() => encodeJson({ bytes }, "input")).toThrow(refused("input.bytes", "a Uint8Array; "));
  });

  test("also if a property refers back to it", () => {
    const query = Object.assign(new Query(), { self: {} });
    query.self = query;
    expect(() => encodeJson({ query }, "input")).toThrow(
      refused("input.query", "a Query; await it first"),
    );
  });
});

test.each<[what: string, value: unknown, text: string]>([
  ["with a toJSON", new URL("http://localhost/a"), '"http://localhost/a"'],
  [
    "with a toJSON, even if it is a Map",
    new Labels([["a", 1]]),
    '{"key":"labels","entries":[["a",1]]}',
  ],
  ["of Node's Buffer", Buffer.from("ab"), '{"type":"Buffer","data":[97,98]}'],
  ["of the user's class", new Money(5, "EUR"), '{"cents":5,"currency":"EUR"}'],
  ["of an array's subclass", new (class Row extends Array {})(2), "[null,null]"],
  ["without a prototype", Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
  ["of another realm", runInContext("({ a: [{}] })", createContext()), '{"a":[{}]}'],
  ["without properties", {}, "{}"],
  // biome-ignore lint/suspicious/noThenProperty: It is not a function.
  ["with a then that is not a function", { then: "pay" }, '{"then":"pay"}'],
  ["around a number", Object(5), "5"],
])("an object %s is encoded as JSON.stringify does", (_, value, text) => {
  expect(encodeJson({ labels: value }, "input")).toBe(`{"labels":${text}}`);
});

test("what is refused is never the type of a stored value", () => {
  type Sent = { at: Date; tags: Set<string>; lines: Promise<string[]>; text: Buffer };
  type Read = { at: string; tags: never; lines: never; text: { type: "Buffer"; data: number[] } };
  // The compiler checks it.
  expect(() => expectTypeOf<Stored<Sent>>().toEqualTypeOf<Read>()).not.toThrow();
});

function* generator() {
  yield 1;
}

function thrownBy(run: () => unknown): object {
  try {
    run();
  } catch (thrown) {
    return thrown as object;
  }
  throw new Error("It throws nothing");
}

/** Returns inputs that contain `value`, and the path of each. */
function wherever(value: object): [input: unknown, path: string][] {
  return [
    [value, "input"],
    [[{ tags: [1, value] }], "input[0].tags[1]"],
    [{ price: Object.assign(new Money(1, "EUR"), { value }) }, "input.price.value"],
    [{ price: { toJSON: (key: string) => key === "price" && { value } } }, "input.price.value"],
    [[{ toJSON: (key: string) => key === "0" && [value] }], "input[0][0]"],
    [nested(999, value), `input${"[0]".repeat(999)}`],
  ];
}

function refused(path: string, problem: string) {
  const message = expect.stringContaining(`${path} is ${problem}`);
  return expect.objectContaining({ name: "UnstorableValueError", path, message });
}

function nested(depth: number, innermost: unknown): unknown {
  let value = innermost;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}
