import { freshDatabase, log, row } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, type TaskContext, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";

type Nest = (context: TaskContext) => Promise<string>;

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => "made",
    ({ message }) => message,
  );

const NESTED: Record<string, Nest> = {
  "step within a step": ({ step }) => step("outer", () => refusal(step("inner", () => 1))),
  "transaction within a step": ({ step, transaction }) =>
    step("outer", () => refusal(transaction("inner", () => 1))),
  "step within a transaction": ({ step, transaction }) =>
    transaction("outer", () => refusal(step("inner", () => 1))),
  "transaction within a transaction": ({ transaction }) =>
    transaction("outer", () => refusal(transaction("inner", () => 1))),
};

test.each(Object.entries(NESTED))(
  "a %s is refused and has no position, so that calls after it are found again",
  async (_, nest) => {
    const { sql } = await freshDatabase();
    const ran: string[] = [];
    const nested = durableTask({
      name: "nested",
      retry: { backoffMs: 0 },
      run: async (_: null, context) => {
        const told = await nest(context);
        await context.step("after", () => ran.push("after"));
        if (context.attempt === 1) throw new Error("again");
        return told;
      },
    });
    const id = await enqueue(sql, nested, null);
    const worker = new Worker(sql, { tasks: [nested], log: () => {} });
    while ((await worker.tick()) > 0);

    expect(ran).toEqual(["after"]);
    expect(await row(sql, id)).toMatchObject({
      status: "succeeded",
      output: expect.stringMatching(/"inner" is called within the \w+ "outer"/),
    });
    expect(await log(sql, id)).toEqual(["1 outer succeeded", "2 after succeeded"]);
  },
);
