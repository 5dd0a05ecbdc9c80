import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { durableTask, enqueueMany, result, task, Worker } from "#engine";
import { tickOnce } from "./twenty.ts";

const LENGTHS = [1_000_000, 10, 1_000_000, 10, 70_000];
const SOME = LENGTHS.map((input) => ({ input }));

test("large outputs and small ones of tasks that end together are all kept", async () => {
  const { sql } = await freshDatabase();
  const text = task({ name: "text", run: (length: number) => "€".repeat(length) });
  const ids = await enqueueMany(sql, text, SOME);
  await tickOnce(sql, text);

  const results = await Promise.all(ids.map((id) => result(sql, id)));
  expect(results).toEqual(
    LENGTHS.map((length) => ({ status: "succeeded", output: "€".repeat(length) })),
  );
});

test("so are those of steps, and the inputs of children", async () => {
  const { sql } = await freshDatabase();
  const lengthOf = task({ name: "length of", run: (text: string) => text.length });
  const parent = durableTask({
    name: "parent",
    run: async (length: number, { run, step }) =>
      run(lengthOf, (await step("text", () => "€".repeat(length))) as string),
  });
  const ids = await enqueueMany(sql, parent, SOME);
  const worker = new Worker(sql, { tasks: [parent, lengthOf], log: () => {} });
  while ((await worker.tick()) > 0);

  const results = await Promise.all(ids.map((id) => result(sql, id)));
  expect(results).toEqual(LENGTHS.map((output) => ({ status: "succeeded", output })));
});
