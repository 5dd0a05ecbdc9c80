import { once } from "node:events";
import net, { type LookupFunction } from "node:net";
import { describe, expect, test } from "vitest";
import { describeError, type StoredError } from "./index.ts";

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

describe("the errors of an AggregateError", () => {
  test("are kept, each with its name, message, stack and cause", async () => {
    const declined = new PaymentDeclined("no money", { cause: new RangeError("too little") });
    const all = [declined, "a text"].map((each) => Promise.reject(each));
    const error = await Promise.any(all).catch((thrown) => thrown);
    expect(describeError(error)).toEqual({
      name: "AggregateError",
      message: "All promises were rejected: no money; a text",
      stack: expect.any(String),
      errors: [
        {
          name: "Error",
          message: "no money",
          stack: expect.stringContaining("aggregate-error.test.ts"),
          cause: expect.objectContaining({ name: "RangeError", message: "too little" }),
        },
        { name: "NonError", message: "a text" },
      ],
    });
  });

  test("are the first five", () => {
    const errors = Array.from({ length: 6 }, (_, index) => new Error(`${index}`));
    const messages = describeError(new AggregateError(errors)).errors?.map(messageIn);
    expect(messages).toEqual(["0", "1", "2", "3", "4"]);
  });

  test("have errors of their own, up to a limit, even if they are also its causes", () => {
    const error = new AggregateError([], "round");
    error.errors.push(...Array.from({ length: 5 }, () => error));
    error.cause = error;
    const described = describeError(error);
    expect(described.errors?.[4]?.errors?.[4]).toMatchObject({ name: "AggregateError" });
    expect(described.errors?.[4]?.errors?.[4]).not.toHaveProperty("errors");
    expect(JSON.stringify(described).match(/"AggregateError"/g)).toHaveLength(151);
  });

  test("may be what cannot be looked at, or no list at all", () => {
    const [hidden, second] = describeError(new AggregateError([hostile(), new Error("second")]))
      .errors as StoredError[];
    expect(hidden).toEqual({ name: "NonError", message: "something that cannot be described" });
    expect(second).toMatchObject({ message: "second" });
    const error = Object.assign(new AggregateError([], "none"), { errors: undefined });
    expect(describeError(error)).toMatchObject({ name: "AggregateError", message: "none" });
  });
});

test("an AggregateError is marked as not to be retried if all of its errors are", () => {
  const final = new RangeError("final");
  const passing = new Error("passing");
  const round = new AggregateError([final]);
  round.errors.push(round);
  const many = Array.from({ length: 6 }, (_, index) => (index === 5 ? passing : final));
  const isMarked = (errors: unknown[]) =>
    describeError(new AggregateError(errors), isRangeError).nonRetryable;

  expect(isMarked([final, final])).toBe(true);
  expect(isMarked([final, new AggregateError([final])])).toBe(true);
  for (const errors of [
    [],
    [final, passing],
    [final, "a text"],
    [final, new AggregateError([])],
    [final, new AggregateError([passing])],
    [new AggregateError([new AggregateError([final])])],
    [final, hostile()],
    many,
    round.errors,
  ]) {
    expect(isMarked(errors)).toBeUndefined();
  }
});

test("an AggregateError that is a cause is marked as one that was thrown", () => {
  const cause = new AggregateError([new RangeError("final")]);
  const described = describeError(new Error("outer", { cause }), isRangeError);
  expect(described).not.toHaveProperty("nonRetryable");
  expect(described.cause).toMatchObject({ nonRetryable: true, errors: [{ nonRetryable: true }] });
});

class PaymentDeclined extends Error {}

function messageIn({ message }: StoredError): string {
  return message;
}

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

function twoAddresses(...[, , answer]: Parameters<LookupFunction>): void {
  answer(null, [
    { address: "::1", family: 6 },
    { address: "127.0.0.1", family: 4 },
  ]);
}
