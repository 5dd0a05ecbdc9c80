import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, result, task, Worker } from "#engine";

test("a task whose name its worker does not know fails, and the error says what to do", async () => {
  const { sql } = await freshDatabase();
  const id = await enqueue(sql, task({ name: "send-invoice", run: () => {} }), {});

  await expect(new Worker(sql, { tasks: [] }).tick()).resolves.toBe(1);

  expect(await result(sql, id)).toMatchObject({
    status: "failed",
    error: {
      message: 'Task "send-invoice" is not known to this worker; add it to new Worker({ tasks })',
    },
  });
});
