import { freshDatabase, log, row } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, type TaskContext } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";
import { runToEnd } from "./runs.ts";

type Nest = (context: TaskContext) => Promise<string>;

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => "made",
    ({ message }) => message,
  );

const NESTED: Record<string, Nest> = {
  "step within a step": ({ step }) => step("outer", () => refusal(step("inner", () => 1))),
  "step within a step, after an await": ({ step }) =>
    step("outer", async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return refusal(step("inner", () => 1));
    }),
  "transaction within a step": ({ step, transaction }) =>
    step("outer", () => refusal(transaction("inner", () => 1))),
  "step within a transaction": ({ step, transaction }) =>
    transaction("outer", () => refusal(step("inner", () => 1))),
  "transaction within a transaction": ({ transaction }) =>
    transaction("outer", () => refusal(transaction("inner", () => 1))),
};

test.each(Object.entries(NESTED))(
  "a %s is refused and takes no position, so later runs find the calls after it",
  async (_, nest) => {
    const { sql } = await freshDatabase();
    const ran: string[] = [];
    const nested = durableTask({
      name: "nested",
      retry: { backoffMs: 0 },
      run: async (_: null, context) => {
        const message = await nest(context);
        await context.step("after", () => ran.push("after"));
        if (context.attempt === 1) throw new Error("again");
        return message;
      },
    });
    const id = await enqueue(sql, nested, null);
    await runToEnd(sql, nested);

    expect(ran).toEqual(["after"]);
    expect(await row(sql, id)).toMatchObject({
      status: "succeeded",
      output: expect.stringMatching(/"inner" is called within the \w+ "outer"/),
    });
    expect(await log(sql, id)).toEqual(["1 outer succeeded", "2 after succeeded"]);
  },
);

type BadCall = [Parameters<TaskContext["step"]>, RegExp];
const BAD_CALLS: Record<string, BadCall> = {
  "with an empty name": [["", () => 1], /^name must be a non-empty string$/],
  "with a name that Postgres cannot store": [["a\0b", () => 1], /^name contains a NUL/],
  "with a policy that makes no sense": [
    ["charge", () => 1, { retry: { maxAttempts: 0 } }],
    /^retry.maxAttempts is 0/,
  ],
  "without a function": [
    ["charge", undefined as never],
    /^Step "charge" failed: .*run is not a function/,
  ],
};

test.each(Object.entries(BAD_CALLS))("a step %s fails its task", async (_, [call, message]) => {
  const { sql } = await freshDatabase();
  const bad = durableTask({ name: "bad", run: async (_: null, { step }) => step(...call) });
  const id = await enqueue(sql, bad, null);
  await runToEnd(sql, bad);

  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    error: { message: expect.stringMatching(message) },
  });
});
