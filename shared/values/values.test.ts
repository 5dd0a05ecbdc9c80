import { describe, expect, test } from "vitest";
import {
  checkKey,
  checkText,
  encodeJson,
  hashJson,
  UnstorableValueError,
  wholeNumber,
} from "./index.ts";

/** A proxy that throws, whatever is done with it. */
const HOSTILE = new Proxy(
  {},
  {
    get: failing,
    getOwnPropertyDescriptor: failing,
    getPrototypeOf: failing,
    has: failing,
    ownKeys: failing,
  },
);

describe("encodeJson", () => {
  test.each([
    [undefined, "null"],
    [{ at: new Date(0), gone: undefined }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ["emoji 😀 are whole pairs", '"emoji 😀 are whole pairs"'],
    ["the six characters \\u0000", '"the six characters \\\\u0000"'],
    ["the six characters \\ud83d", '"the six characters \\\\ud83d"'],
    [[1, [2, { "snake_case key": null }]], '[1,[2,{"snake_case key":null}]]'],
  ])("encodes %j as JSON.stringify does", (value, text) => {
    expect(encodeJson(value, "input")).toBe(text);
  });

  test("accepts an object that occurs twice", () => {
    const address = { city: "Bergen" };
    // The inherited Set, which JSON leaves out, makes it walk the value slowly.
    const order = Object.assign(Object.create({ tags: new Set() }), { from: address, to: address });
    expect(JSON.parse(encodeJson(order, "input"))).toEqual(order);
  });

  test.each([
    [{ items: [{ cents: 1n }] }, "input.items[0].cents"],
    [{ names: ["ok", "\ud83d"] }, "input.names[1]"],
    [{ "due date": { at: "\0" } }, 'input["due date"].at'],
    [() => {}, "input"],
    [nested(1_001), "input"],
    ["x".repeat(16 * 1024 * 1024), "input"],
  ])("refuses what Postgres cannot store, and says where it is (%#)", (value, path) => {
    expect(() => encodeJson(value, "input")).toThrow(unstorable(path));
  });

  test.each<[what: string, handler: ProxyHandler<object>]>([
    ["its keys", { get: () => undefined, ownKeys: failing }],
    ["a property", { get: () => undefined, getOwnPropertyDescriptor: failing }],
    ["toJSON", { get: failing }],
  ])("says where a proxy is that throws when %s is read", (_, handler) => {
    const order = { items: [new Proxy({ price: 1 }, handler)] };
    expect(() => encodeJson(order, "input")).toThrow(unstorable("input.items[0]"));
  });

  test("says where a revoked proxy is", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(() => encodeJson({ proxy }, "input")).toThrow(unstorable("input.proxy"));
  });

  test.each([
    ["a proxy that throws", HOSTILE],
    ["a RangeError", new RangeError("Invalid time value")],
  ])("says where a getter is that throws %s", (_, thrown) => {
    const order = {
      get due() {
        throw thrown;
      },
    };
    expect(() => encodeJson(order, "input")).toThrow(unstorable("input.due"));
  });

  test("accepts 1,000 levels", () => {
    expect(encodeJson(nested(1_000), "input")).toMatch(/^\[{1000}1\]{1000}$/);
  });

  test("stores the first of what a getter returns", () => {
    let readings = 0;
    const order = {
      get reading() {
        readings += 1;
        return readings;
      },
    };
    expect(encodeJson(order, "input")).toBe('{"reading":1}');
  });
});

test("the hash of a value does not depend on the order of its keys", () => {
  const hash = hashJson({ a: 1, b: [{ c: 2, d: 3 }] }, "input");
  expect(hashJson({ b: [{ d: 3, c: 2 }], a: 1 }, "input")).toBe(hash);
  expect(hashJson({ a: 1, b: [{ c: 3, d: 2 }] }, "input")).not.toBe(hash);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
});

test.each([checkKey, checkText])("%o refuses a proxy that throws", (check) => {
  expect(() => check(HOSTILE as never, "name")).toThrow(unstorable("name"));
});

test.each([undefined, "", "a\0b", "\udc00", "ä".repeat(501)])("%j is no key", (key) => {
  expect(() => checkKey(key, "name")).toThrow(UnstorableValueError);
});

test("a key may be 850 bytes long", () => {
  expect(() => checkKey("ä".repeat(425), "name")).not.toThrow();
});

test.each([0, 11, 1.5, Number.NaN])("%d is no whole number from 1 to 10", (value) => {
  expect(() => wholeNumber("slots", value, 1, 10)).toThrow(
    new RangeError(`slots is ${value}; it must be a whole number from 1 to 10`),
  );
});

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

function unstorable(path: string) {
  return expect.objectContaining({ name: "UnstorableValueError", path });
}

function failing(): never {
  throw new Error("no");
}
