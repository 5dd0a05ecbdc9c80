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
    const described = describeError(error, isRangeError);
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

function isRangeError(error: Error): boolean {
  return error instanceof RangeError;
}

function hostile(): Error {
  return Object.defineProperty(new Error("hidden"), "message", {
    get() {
      throw new Error("no");
    },
  });
}
