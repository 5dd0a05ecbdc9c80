import { freshDatabase, log, row } from "shared/testing";
import { describe, expect, test } from "vitest";
import { enqueue, Worker } from "#engine";
import { deploy, type Handler, order } from "./deploy.ts";
import { durableTask } from "./durable-task.ts";

describe("a call that differs from the log is caught, and the report shows both", () => {
  test.each<[string, Handler, string[]]>([
    [
      "another name",
      async ({ step }) => {
        await step("reserve", () => "shelf 3");
        await step("bill", () => "12 €");
      },
      ['> 2  step "charge" input', 'step "bill"', 'Different: call 2 was step "charge"'],
    ],
    [
      "another kind",
      async ({ step, transaction }) => {
        await step("reserve", () => "shelf 3");
        await transaction("charge", () => "12 €", { input: { euros: 12, card: "1234" } });
      },
      ['> 2  step "charge" input', 'transaction "charge" input', "Different: call 2 was step"],
    ],
    [
      "two calls swapped",
      async ({ step }) => {
        await step("charge", () => "12 €", { input: { euros: 12, card: "1234" } });
        await step("reserve", () => "shelf 3");
      },
      ['> 1  step "reserve"', 'step "charge" input', "Different: call 1"],
    ],
    [
      "a call inserted",
      async ({ step }) => {
        await step("reserve", () => "shelf 3");
        await step("check the stock", () => "fine");
        await step("charge", () => "12 €", { input: { euros: 12, card: "1234" } });
      },
      ['> 2  step "charge" input', 'step "check the stock"', "Different: call 2"],
    ],
    [
      "a call dropped",
      async ({ step }) => {
        await step("reserve", () => "shelf 3");
        await step("ship", () => "on its way");
      },
      ['> 2  step "charge" input', 'step "ship"', "Different: call 2"],
    ],
    [
      "another input",
      async ({ step }) => {
        await step("reserve", () => "shelf 3");
        await step("charge", () => "13 €", { input: { euros: 13, card: "1234" } });
      },
      ['> 2  step "charge" input', "Changed: the input of call 2 is not what it was"],
    ],
    [
      "the last call missing: the handler returns",
      async ({ step }) => {
        await step("reserve", () => "shelf 3");
        await step("charge", () => "12 €", { input: { card: "1234", euros: 12 } });
      },
      ['> 3  step "ship"', "(returned)", 'Missing: call 3 was step "ship"'],
    ],
    [
      "the last call missing: the handler throws",
      async ({ step }) => {
        await step("reserve", () => "shelf 3");
        await step("charge", () => "12 €", { input: { card: "1234", euros: 12 } });
        throw new TypeError("no address");
      },
      ['> 3  step "ship"', "(threw TypeError)", 'Missing: call 3 was step "ship"'],
    ],
  ])("%s", async (_, changed, expected) => {
    const { sql } = await freshDatabase();
    const { id, ran } = await deploy(sql, order, changed);
    const task = (await row(sql, id)) as { error: { name: string; message: string } | null };

    expect(task).toMatchObject({ status: "failed", attempt: 2 });
    expect(task.error?.name).toBe("NonDeterminismError");
    for (const part of expected) expect(task.error?.message).toContain(part);
    // No step has run again, and no event was appended.
    expect(ran).toEqual(["reserve", "charge", "ship"]);
    expect(await log(sql, id)).toEqual([
      "1 reserve succeeded",
      "2 charge succeeded",
      "3 ship succeeded",
    ]);
  });
});

test("the report names the file and the line of the call that differs", async () => {
  const { sql } = await freshDatabase();
  let line = 0;
  const order = (isChanged: boolean) =>
    durableTask({
      name: "order",
      retry: { backoffMs: 0 },
      run: async (_: null, { step }) => {
        if (!isChanged) {
          await step("charge", () => {});
          throw new Error("halfway");
        }
        line = 1 + Number(/report\.test\.ts:(\d+)/.exec(new Error().stack ?? "")?.[1]);
        await step("bill", () => {});
      },
    });
  const id = await enqueue(sql, order(false), null);
  await new Worker(sql, { tasks: [order(false)], log: () => {} }).tick();
  await new Worker(sql, { tasks: [order(true)], graceMs: 0, log: () => {} }).tick();

  expect(await row(sql, id)).toMatchObject({
    error: {
      message: expect.stringMatching(new RegExp(`step "bill" +\\S*report\\.test\\.ts:${line}\n`)),
    },
  });
});

test("a handler that leaves out a call of its log, and waits for another call, is caught", async () => {
  const { sql } = await freshDatabase();
  let ran = 0;
  const failsFirst: Handler = ({ step, attempt }) =>
    Promise.all([
      step("pack", () => {
        ran += 1;
        if (attempt === 1) throw new Error("no box");
      }),
      step("print", () => "printed"),
    ]);
  const packOnly: Handler = ({ step }) =>
    step("pack", () => {
      ran += 1;
    });
  const { id } = await deploy(sql, failsFirst, packOnly, { stallMs: 100 });

  expect(ran).toBe(1);
  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    error: { message: expect.stringContaining('Missing: call 2 was step "print"') },
  });
});

test("a handler that catches all errors cannot go on after a difference", async () => {
  const { sql } = await freshDatabase();
  const { id, ran } = await deploy(sql, order, async ({ step }) => {
    await step("bill", () => "").catch(() => {});
    await step("apologise", () => "").catch(() => {});
    return "fine";
  });

  expect(ran).toEqual(["reserve", "charge", "ship"]);
  expect(await row(sql, id)).toMatchObject({ error: { name: "NonDeterminismError" } });
});
