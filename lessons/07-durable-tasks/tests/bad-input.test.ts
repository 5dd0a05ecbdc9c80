import { freshDatabase } from "shared/testing";
import { describe, expect, test } from "vitest";
import {
  type ChildOptions,
  type DurableContext,
  durableTask,
  enqueue,
  result,
  setConcurrencyLimit,
  task,
} from "#engine";
import { oneSlot } from "./still-works.ts";

const echo = task({ name: "echo", run: (input: unknown) => input });

describe("a value that is too large or too deep fails its call, and the worker goes on", () => {
  test("a million characters are passed to a child and back", async () => {
    const parent = durableTask({
      name: "parent",
      run: async (length: number, { run }) => {
        const text = "€".repeat(length);
        return (await run(echo, text)) === text;
      },
    });
    const { outcome } = await outcomeOf(parent, 1_000_000);
    expect(outcome).toEqual({ status: "succeeded", output: true });
  });

  test.each([1_001, 100_000])("%d levels, as the input of a child", async (levels) => {
    const parent = durableTask({
      name: "parent",
      run: (_: null, { run }) => run(echo, nested(levels)),
    });
    const { outcome, children } = await outcomeOf(parent, null);
    expect(outcome).toMatchObject({
      status: "failed",
      error: {
        name: "UnstorableValueError",
        message: expect.stringMatching(/^input is .*deeply nested/),
      },
    });
    expect(children).toEqual([]);
  });

  test.each([
    ["of 1,001 levels", () => nested(1_001), "output is too deeply nested"],
    ["of 20 MB", () => "x".repeat(20_000_000), "output is 20000002 bytes of JSON"],
  ])("an output %s, of a child and of a step", async (_, makeOutput, problem) => {
    const large = task({ name: "large", retry: { backoffMs: 0 }, run: makeOutput });
    const parent = durableTask({
      name: "parent",
      run: async (_: null, { run, step }) =>
        Promise.all([
          run(large, undefined).catch(messageOf),
          step("large", makeOutput).catch(messageOf),
        ]),
    });
    const { outcome } = await outcomeOf(parent, null, large);
    expect(outcome).toEqual({
      status: "succeeded",
      output: [
        // Retrying is pointless.
        expect.stringMatching(`"large" failed after 1 attempt: ${problem}`),
        expect.stringMatching(`Step "large" failed: ${problem}`),
      ],
    });
  });

  test("a thousand levels fit", async () => {
    const parent = durableTask({
      name: "parent",
      run: (_: null, { run }) => run(echo, nested(1_000)),
    });
    const { outcome } = await outcomeOf(parent, null);
    expect(outcome).toMatchObject({ status: "succeeded" });
  });
});

test("names and concurrency keys may be of any script", async () => {
  const { sql } = await freshDatabase();
  const child = task({ name: "فاتورة 🧾", run: (step: string) => `${step} ✅` });
  const parent = durableTask({
    name: "הזמנה 👩‍👩‍👧",
    run: async (_: null, { run, step }) => {
      const output = await step("צעד 🚀", () => "שלום");
      return run(child, output, { concurrencyKey: "متجر 🏪" });
    },
  });
  await setConcurrencyLimit(sql, "متجر 🏪", 1);
  const id = await enqueue(sql, parent, null, { concurrencyKey: "متجر 🏪" });
  const { tickAll } = oneSlot(sql, [parent, child]);
  await tickAll();

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: "שלום ✅" });
  const events = await sql`select name from events where task_id = ${id} order by seq`;
  expect(events.map(({ name }) => name)).toEqual(["צעד 🚀", child.name, child.name]);
});

describe("a child that makes no sense is refused at its call, and none is started", () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  test.each([
    ["a BigInt", { price: 12n }, /^input\.price is a BigInt/],
    ["a cycle", cycle, /^input\.self is a circular reference/],
    ["a NUL", ["a\0b"], /^input\[0\] contains a NUL/],
    ["half a character", "\ud83d", /^input contains a lone surrogate/],
    ["a function", () => {}, /^input is of type function/],
  ])("with %s as its input", async (_, input, message) => {
    const call = ({ run }: DurableContext) => run(echo, input);
    await expectRefused(call, { name: "UnstorableValueError", message });
  });

  test("without a name", async () => {
    const nameless = task({ name: "", run: () => {} });
    const call = ({ run }: DurableContext) => run(nameless, undefined);
    await expectRefused(call, {
      name: "UnstorableValueError",
      message: /^name must be a non-empty string/,
    });
  });

  test("with a priority that there is not", async () => {
    const options = { priority: "urgent" } as unknown as ChildOptions;
    const call = ({ run }: DurableContext) => run(echo, null, options);
    await expectRefused(call, {
      name: "RangeError",
      message: /^priority is urgent; it must be "high", "normal" or "low"/,
    });
  });

  test("with an empty concurrency key", async () => {
    const call = ({ run }: DurableContext) => run(echo, null, { concurrencyKey: "" });
    const message = /^concurrencyKey must be a non-empty string/;
    await expectRefused(call, { name: "UnstorableValueError", message });
  });
});

/** Runs a parent, and then another task on the same worker, and returns what came of the parent. */
async function outcomeOf<Input>(
  parent: ReturnType<typeof durableTask<Input, unknown>>,
  input: Input,
  ...others: Parameters<typeof oneSlot>[1]
) {
  const { sql } = await freshDatabase();
  const id = await enqueue(sql, parent, input);
  const { tickAll, stillWorks } = oneSlot(sql, [parent, echo, ...others]);
  await tickAll();
  const outcome = await result(sql, id);
  await stillWorks();
  const children = await sql`select name, status from tasks where parent_id is not null`;
  return { outcome, children: [...children] };
}

/** That the call throws this, the parent can catch it and go on, and there is no child. */
async function expectRefused(
  call: (context: DurableContext) => Promise<unknown>,
  error: { name: string; message: RegExp },
): Promise<void> {
  const parent = durableTask({
    name: "parent",
    run: async (_: null, context) => {
      const caught = await call(context).catch(({ name, message }) => ({ name, message }));
      return [caught, await context.run(echo, "goes on")];
    },
  });
  const { outcome, children } = await outcomeOf(parent, null);
  expect(outcome).toEqual({
    status: "succeeded",
    output: [{ name: error.name, message: expect.stringMatching(error.message) }, "goes on"],
  });
  expect(children).toEqual([{ name: "echo", status: "succeeded" }]);
}

function messageOf(error: Error): string {
  return error.message;
}

function nested(levels: number): unknown {
  let value: unknown = null;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}
