import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

test("a task whose handler throws can be claimed again, and tick throws the same error", async () => {
  const { sql } = await freshDatabase();
  const fail = task({ name: "fail", run: () => Promise.reject(new Error("no luck")) });
  await enqueue(sql, fail, {});
  const worker = new Worker(sql, { tasks: [fail] });

  await expect(worker.tick()).rejects.toThrow("no luck");
  await expect(worker.tick()).rejects.toThrow("no luck");
  expect(await sql`select from tasks`).toHaveLength(1);
});

test("a task whose name its worker does not know stays in the table, and tick throws an error", async () => {
  const { sql } = await freshDatabase();
  await enqueue(sql, task({ name: "unknown", run: () => {} }), {});

  await expect(new Worker(sql, { tasks: [] }).tick()).rejects.toThrow('"unknown" is not known');
  expect(await sql`select from tasks`).toHaveLength(1);
});
