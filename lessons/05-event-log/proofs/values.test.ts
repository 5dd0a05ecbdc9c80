import { freshDatabase, log, row } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, Worker } from "#engine";
import { calls } from "./calls.ts";
import { durableTask } from "./durable-task.ts";

test("a handler gets the same values from its steps in its first run and in later runs", async () => {
  const { sql } = await freshDatabase();
  const seen: unknown[] = [];
  const read = durableTask({
    name: "read",
    retry: { backoffMs: 0 },
    run: async (_: null, context) => {
      const { step, transaction } = calls(context, sql);
      const values = [
        await step("date", () => ({ at: new Date(0), gone: undefined, list: [undefined] })),
        await step("keys", () => ({ longer: 1, b: 2, a: -0 })),
        await step("nothing", () => {}),
        await transaction("not a number", () => [Number.NaN, Number.POSITIVE_INFINITY]),
      ];
      seen.push(JSON.stringify(values.map((value) => [value, Object.keys(value ?? {})])));
      seen.push(typeof (values[0] as { at: unknown }).at);
      if (context.attempt === 1) throw new Error("again");
    },
  });
  await enqueue(sql, read, null);
  const worker = new Worker(sql, { tasks: [read], log: () => {} });
  while ((await worker.tick()) > 0);

  const once = [
    JSON.stringify([
      [{ at: "1970-01-01T00:00:00.000Z", list: [null] }, ["at", "list"]],
      [{ longer: 1, b: 2, a: 0 }, ["longer", "b", "a"]],
      [null, []],
      [
        [null, null],
        ["0", "1"],
      ],
    ]),
    "string",
  ];
  expect(seen).toEqual([...once, ...once]);
});

test("a handler that catches an error gets the same error in later runs", async () => {
  const { sql } = await freshDatabase();
  class Declined extends Error {
    override name = "Declined";
    readonly code = 51;
  }
  const seen: unknown[] = [];
  const pay = durableTask({
    name: "pay",
    retry: { backoffMs: 0 },
    run: async (_: null, context) => {
      const { step } = calls(context, sql);
      await step("charge", () => {
        throw new Declined("no money", { cause: new RangeError("too little") });
      }).catch((error) => {
        const { name, message, cause } = error;
        const inner = [cause?.name, cause?.message, cause?.constructor.name, cause?.code];
        seen.push([name, message, ...inner, cause?.cause?.name]);
      });
      await step("bill", () => {});
      if (context.attempt === 1) throw new Error("again");
    },
  });
  await enqueue(sql, pay, null);
  const worker = new Worker(sql, { tasks: [pay], log: () => {} });
  while ((await worker.tick()) > 0);

  const once = [
    "StepFailedError",
    'Step "charge" failed: no money',
    "Declined",
    "no money",
    "Error",
    undefined,
    "RangeError",
  ];
  expect(seen).toEqual([once, once]);
});

test("a value that cannot be stored fails its task at once, and the error names the step and the path", async () => {
  const { sql } = await freshDatabase();
  const order = durableTask({
    name: "order",
    retry: { maxAttempts: 5, backoffMs: 0 },
    run: async (_: null, context) => {
      const { step } = calls(context, sql);
      await step("price", () => ({ items: [{ price: 1 }, { price: 2n }] }), {
        retry: { maxAttempts: 5, backoffMs: 0 },
      });
    },
  });
  const id = await enqueue(sql, order, null);
  await new Worker(sql, { tasks: [order], log: () => {} }).tick();

  const message = "output.items[1].price is a BigInt, which JSON cannot hold; send it as a string";
  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    attempt: 1,
    error: {
      message: `Step "price" failed: ${message}`,
      cause: { name: "UnstorableValueError" },
    },
  });
  expect(await log(sql, id)).toEqual([`1 price failed: ${message}`, "1 price reopened"]);
});

test("the event log cannot be changed: Postgres refuses, and says what to do instead", async () => {
  const { sql } = await freshDatabase();
  const once = durableTask({
    name: "once",
    run: async (_: null, context) => calls(context, sql).step("greet", () => "hello"),
  });
  const id = await enqueue(sql, once, null);
  await new Worker(sql, { tasks: [once], log: () => {} }).tick();

  for (const change of [
    `update events set output = '"bye"'`,
    "delete from events",
    "truncate events",
    "truncate tasks cascade",
    "delete from events where false",
  ]) {
    const [operation] = change.split(" ");
    await expect(sql.unsafe(change)).rejects.toMatchObject({
      message: expect.stringMatching(
        `^(The event log is append-only|Tasks are never deleted): ${operation} is refused$`,
      ),
      hint: expect.stringMatching(/to end a task, cancel it/i),
    });
  }
  expect(await log(sql, id)).toEqual(["1 greet succeeded"]);
});
