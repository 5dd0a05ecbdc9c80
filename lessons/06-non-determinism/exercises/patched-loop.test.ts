import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, result, task, Worker } from "#engine";

test.each([
  ["one name: the whole task keeps to the old way", () => "by train", ["truck", "truck", "truck"]],
  [
    "a name for each turn: those that are left take the new way",
    (parcel: number) => `by train, parcel ${parcel}`,
    ["truck", "truck", "train"],
  ],
])("%s", async (_, name, expected) => {
  const { sql } = await freshDatabase();
  const old = task({
    name: "ship",
    retry: { backoffMs: 0 },
    run: async (_: null, { step }) => {
      for (const parcel of [1, 2]) await step(`parcel ${parcel}`, () => "truck");
      throw new Error("half way");
    },
  });
  const patchedTask = task({
    name: "ship",
    run: async (_: null, { step, patched }) => {
      const ways: string[] = [];
      for (const parcel of [1, 2, 3]) {
        const way = (await patched(name(parcel))) ? "train" : "truck";
        ways.push(way);
        await step(`parcel ${parcel}`, () => way);
      }
      return ways;
    },
  });
  const id = await enqueue(sql, old, null);
  await new Worker(sql, { tasks: [old], log: () => {} }).tick();
  await new Worker(sql, { tasks: [patchedTask], log: () => {} }).tick();
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: expected });
});
