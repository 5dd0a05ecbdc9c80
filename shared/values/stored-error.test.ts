import { once } from "node:events";
import net, { type LookupFunction } from "node:net";
import { describe, expect, test } from "vitest";
import { describeError, encodeJson, messageOf } from "./index.ts";

describe("describeError", () => {
  test("keeps an error's name, stack and causes", () => {
    const cause = new RangeError("too far", { cause: "a text" });
    expect(describeError(new TypeError("wrong", { cause }))).toEqual({
      name: "TypeError",
      message: "wrong",
      stack: expect.stringContaining("stored-error.test.ts"),
      cause: {
        name: "RangeError",
        message: "too far",
        stack: expect.stringContaining("stored-error.test.ts"),
        cause: { name: "NonError", message: "a text" },
      },
    });
  });

  test("makes every string of an error storable", () => {
    const error = new Error("a\0b\ud83d", { cause: new Error("c\0d") });
    error.name = "Bad\0Name";
    error.stack = "at\0line";
    const described = describeError(error);
    expect(() => encodeJson(described, "error")).not.toThrow();
    expect(described).toMatchObject({ name: "Bad␀Name", message: "a␀b\ufffd", stack: "at␀line" });
  });

  test("follows an error that is its own cause, up to a limit", () => {
    const error = new Error("round");
    error.cause = error;
    const described = JSON.stringify(describeError(error));
    expect(described.match(/"round"/g)).toHaveLength(6);
  });

  test("shortens a very long message", () => {
    const { message } = describeError(new Error("x".repeat(10_001)));
    expect(message).toMatch(/^x{10000}… \(1 more characters\)$/);
  });

  test("describes what cannot even be looked at", () => {
    expect(describeError(hostile())).toEqual(UNDESCRIBABLE);
    const proxy = new Proxy(new Error(), {
      getPrototypeOf() {
        throw new Error("no");
      },
    });
    expect(describeError(proxy)).toEqual(UNDESCRIBABLE);
    expect(describeError("a text")).toEqual({
      name: "NonError",
      message: "The handler threw 'a text'",
    });
  });

  test("marks the errors that it is told are not to be retried", () => {
    const error = new Error("outer", { cause: new RangeError("inner") });
    const described = describeError(error, (each) => each instanceof RangeError);
    expect(described).not.toHaveProperty("nonRetryable");
    expect(described.cause).toHaveProperty("nonRetryable", true);
  });

  test("keeps an error whose cause cannot be looked at", () => {
    expect(describeError(new Error("outer", { cause: hostile() }))).toMatchObject({
      message: "outer",
      cause: { name: "NonError", message: "something that cannot be described" },
    });
  });
});

describe("the message of an AggregateError", () => {
  test("says why none of a host's addresses could be connected to", async () => {
    const socket = net.connect({ host: "two.addresses", port: 1, lookup: twoAddresses });
    const [error] = await once(socket, "error");
    expect(error).toMatchObject({ name: "AggregateError", message: "" });
    // The code differs on a machine without IPv6.
    expect(describeError(error).message).toMatch(
      /^connect E\w+ ::1:1.*; connect ECONNREFUSED 127\.0\.0\.1:1$/,
    );
  });

  test("says why all promises were rejected, also in a cause", async () => {
    const all = [new Error("first"), "second", new AggregateError([new Error("third")])];
    const error = await Promise.any(all.map((each) => Promise.reject(each))).catch(
      (thrown) => thrown,
    );
    const message = "All promises were rejected: first; second; third";
    expect(describeError(error)).toMatchObject({ name: "AggregateError", message });
    expect(describeError(new Error("outer", { cause: error })).cause).toMatchObject({ message });
  });

  test("is short, however many and long the errors are", () => {
    const errors = Array.from({ length: 100 }, () => new Error("x".repeat(100_000)));
    const { message } = describeError(new AggregateError(errors));
    expect(message).toMatch(/^x{1000}… .*; 95 more$/);
    expect(message.length).toBeLessThan(6_000);
  });

  test("ends, even if the error contains itself", () => {
    const error = new AggregateError([new Error("first")], "round");
    error.errors.push(error);
    expect(describeError(error).message).toBe("round: first; round: first; round");
  });

  test("says what can be said beside an error that cannot be looked at", () => {
    const error = new AggregateError([hostile(), new Error("second")]);
    expect(describeError(error).message).toBe("something that cannot be described; second");
  });
});

class PaymentDeclined extends Error {}

test.each([
  [new TypeError(), "TypeError"],
  [new PaymentDeclined(" "), "PaymentDeclined"],
  [Object.assign(new Error(), { code: "ECONNRESET" }), "Error ECONNRESET"],
  [new AggregateError([]), "AggregateError"],
  [new AggregateError([new RangeError(), ""]), "RangeError; ''"],
  [Object.assign(new Error(), { name: "", message: undefined }), "Error"],
])("an error without a message is described by its class and code (%#)", (error, message) => {
  expect(describeError(error).message).toBe(message);
});

test("messageOf returns the message of any thrown value, and never throws", () => {
  expect(messageOf(new Error("a\0b"))).toBe("a␀b");
  expect(messageOf(new AggregateError([new Error("inner")]))).toBe("inner");
  expect(messageOf(undefined)).toBe("The handler threw undefined");
  expect(messageOf(hostile())).toBe(UNDESCRIBABLE.message);
  const unprintable = {
    toString() {
      throw new Error("no");
    },
  };
  expect(messageOf(unprintable)).toMatch(/^The handler threw \{/);
});

const UNDESCRIBABLE = {
  name: "NonError",
  message: "The handler threw something that cannot be described",
};

function hostile(): Error {
  return Object.defineProperty(new Error("hidden"), "message", {
    get() {
      throw new Error("no");
    },
  });
}

function twoAddresses(...[, , answer]: Parameters<LookupFunction>): void {
  answer(null, [
    { address: "::1", family: 6 },
    { address: "127.0.0.1", family: 4 },
  ]);
}
