import { freshDatabase, row } from "shared/testing";
import { describe, expect, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

test("a task's output is stored", async () => {
  const { sql } = await freshDatabase();
  const add = task({ name: "add", run: ({ a, b }: { a: number; b: number }) => ({ sum: a + b }) });
  const id = await enqueue(sql, add, { a: 1, b: 2 });

  await new Worker(sql, { tasks: [add] }).tick();

  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: { sum: 3 } });
});

test("a task's error is stored, and does not affect other tasks", async () => {
  const { sql } = await freshDatabase();
  const divide = task({
    name: "divide",
    run: ({ a, b }: { a: number; b: number }) => {
      if (b === 0) throw new Error(`cannot divide ${a} by zero`);
      return a / b;
    },
  });
  const refused = await enqueue(sql, divide, { a: 1, b: 0 });
  const fine = await enqueue(sql, divide, { a: 6, b: 3 });

  await expect(new Worker(sql, { tasks: [divide] }).tick()).resolves.toBe(2);

  expect(await row(sql, refused)).toMatchObject({
    status: "failed",
    error: { name: "Error", message: "cannot divide 1 by zero" },
  });
  expect(await row(sql, fine)).toMatchObject({ status: "succeeded", output: 2 });
});

describe("whatever a handler throws, its own task fails with a readable error", () => {
  test.each([
    ["a string", () => "plain text", /plain text/],
    ["undefined", () => undefined, /undefined/],
    ["null", () => null, /null/],
    ["an object", () => ({ code: 42 }), /code: 42/],
    [
      "an object with a circular reference",
      () => Object.assign({}, { error: cyclic() }),
      /it is circular/,
    ],
    ["an error that is its own cause", cyclic, /it is circular/],
    ["an error with a NUL", () => new Error("before\0after"), /before␀after/],
    ["an error with a lone surrogate", () => new Error("broken \ud83d"), /broken \ufffd/],
    ["an error of a million characters", () => new Error("x".repeat(1_000_000)), /more characters/],
    ["an error whose message cannot be read", () => new Hostile(), /./],
  ])(
    "a handler that throws %s fails its task with a readable error",
    async (_, thrown, message) => {
      const { sql } = await freshDatabase();
      const fail = task({
        name: "fail",
        run: () => {
          throw thrown();
        },
      });
      const id = await enqueue(sql, fail, {});

      await expect(new Worker(sql, { tasks: [fail] }).tick()).resolves.toBe(1);

      const ended = await row(sql, id);
      expect(ended).toMatchObject({ status: "failed" });
      expect((ended as { error: { message: string } }).error.message).toMatch(message);
    },
  );
});

test("a task whose output cannot be stored fails, and the error says which value is the problem", async () => {
  const { sql } = await freshDatabase();
  const price = task({ name: "price", run: () => ({ items: [{ cents: 1n }] }) });
  const id = await enqueue(sql, price, {});

  await new Worker(sql, { tasks: [price] }).tick();

  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    error: { message: expect.stringContaining("output.items[0].cents is a BigInt") },
  });
});

class Hostile {
  get message(): string {
    throw new Error("no message for you");
  }
}

function cyclic(): Error {
  const error = new Error("it is circular");
  error.cause = error;
  return Object.assign(error, { self: error });
}
