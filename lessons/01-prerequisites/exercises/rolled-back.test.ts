import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

test("a handler that throws makes its task free again, and tick throws what it threw", async () => {
  const { sql } = await freshDatabase();
  const fail = task({ name: "fail", run: () => Promise.reject(new Error("no luck")) });
  await enqueue(sql, fail, {});
  const worker = new Worker(sql, { tasks: [fail] });

  await expect(worker.tick()).rejects.toThrow("no luck");
  await expect(worker.tick()).rejects.toThrow("no luck");
  expect(await sql`select from tasks`).toHaveLength(1);
});

test("a task whose name its worker does not know stays, and tick says so", async () => {
  const { sql } = await freshDatabase();
  await enqueue(sql, task({ name: "unknown", run: () => {} }), {});

  await expect(new Worker(sql, { tasks: [] }).tick()).rejects.toThrow('"unknown" is not known');
  expect(await sql`select from tasks`).toHaveLength(1);
});
