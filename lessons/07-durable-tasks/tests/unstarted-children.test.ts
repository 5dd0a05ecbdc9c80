import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { durableTask, enqueue, result, setConcurrencyLimit, task } from "#engine";
import { oneSlot } from "./still-works.ts";

const echo = task({ name: "echo", run: (input: unknown) => input });

test("a child with a key that has no limit fails its call with the same error in each attempt", async () => {
  const told: unknown[] = [];
  const parent = durableTask({
    name: "parent",
    retry: { backoffMs: 0 },
    run: async (_: null, { run, step, attempt }) => {
      told.push(await run(echo, null, { concurrencyKey: "shop" }).catch(messageOf));
      await step("go on", () => {});
      if (attempt === 1) throw new Error("once more");
    },
  });
  const { sql } = await freshDatabase();
  const id = await enqueue(sql, parent, null);
  const { tickAll, stillWorks } = oneSlot(sql, [parent, echo]);
  await tickAll();
  expect(await result(sql, id)).toMatchObject({ status: "succeeded" });
  const failure =
    'A child "echo" could not be started: Concurrency key "shop" has no limit; set one first: setConcurrencyLimit(sql, "shop", 10)';
  expect(told).toEqual([failure, failure]);
  expect(await sql`select from tasks where parent_id is not null`).toEqual([]);
  await stillWorks();
});

test("once the key has a limit, the next attempt starts the child", async () => {
  const { sql } = await freshDatabase();
  const parent = durableTask({
    name: "parent",
    retry: { backoffMs: 0 },
    run: (_: null, { run }) => run(echo, "sold", { concurrencyKey: "shop" }),
  });
  const id = await enqueue(sql, parent, null);
  const { worker, tickAll } = oneSlot(sql, [parent, echo]);
  await worker.tick();
  await setConcurrencyLimit(sql, "shop", 1);
  await tickAll();

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: "sold" });
});

function messageOf(error: Error): string {
  return error.message;
}
