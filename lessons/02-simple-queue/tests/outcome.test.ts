import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, result, task, Worker } from "#engine";

test("result returns the status of a task, before and after it has run", async () => {
  const { sql } = await freshDatabase();
  const half = task({
    name: "half",
    run: (n: number) => {
      if (n % 2 === 1) throw new TypeError(`${n} is odd`);
      return n / 2;
    },
  });
  const even = await enqueue(sql, half, 4);
  const odd = await enqueue(sql, half, 3);
  expect(await result(sql, even)).toEqual({ status: "queued" });

  await new Worker(sql, { tasks: [half] }).tick();
  expect(await result(sql, even)).toEqual({ status: "succeeded", output: 2 });
  expect(await result(sql, odd)).toMatchObject({
    status: "failed",
    error: { name: "TypeError", message: "3 is odd" },
  });
  await expect(result(sql, "1000")).rejects.toThrow("There is no task 1000");
});

test.each([
  ["an output of a task that has not succeeded", "update tasks set output = '1'"],
  ["success without an output", "update tasks set status = 'succeeded'"],
  ["an error of a task that has not failed", "update tasks set error = '{}'"],
  ["failure without an error", "update tasks set status = 'failed'"],
])("the schema refuses %s", async (_, update) => {
  const { sql } = await freshDatabase();
  await enqueue(sql, task({ name: "any", run: () => {} }), null);
  await expect(sql.unsafe(update)).rejects.toThrow("violates check constraint");
});
