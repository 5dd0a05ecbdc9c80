import { freshDatabase, Gate } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

test("two workers never get the same task at the same time", async () => {
  const { sql } = await freshDatabase({ lockTimeoutMs: 1_000 });
  const running = new Gate();
  const ran: number[] = [];
  const count = task({
    name: "count",
    run: async (n: number) => {
      ran.push(n);
      await running.pass();
    },
  });
  await enqueue(sql, count, 1);
  await enqueue(sql, count, 2);

  const first = new Worker(sql, { tasks: [count] }).tick();
  await running.arrived(1);
  const taken = ran.length;
  // The first worker is in the middle of its handler when the second one claims. If the second has to wait for a lock,
  // the lock timeout ends the wait, and the second runs nothing.
  const second = new Worker(sql, { tasks: [count] }).tick().catch(() => 0);
  await Promise.race([second, running.arrived(taken + 1)]);
  running.open();
  await Promise.all([first, second]);

  expect(ran.sort()).toEqual([1, 2]);
});

test("a worker does not wait for a task that another worker is claiming", async () => {
  const { sql } = await freshDatabase({ lockTimeoutMs: 1_000 });
  const ran: number[] = [];
  const count = task({ name: "count", run: (n: number) => void ran.push(n) });
  const claimedByAnother = await enqueue(sql, count, 1);
  await enqueue(sql, count, 2);

  const another = await sql.reserve();
  await another`begin`;
  await another`select from tasks where id = ${claimedByAnother} for update`;
  const worker = new Worker(sql, { tasks: [count] });
  await expect(worker.tick()).resolves.toBe(1);
  expect(ran).toEqual([2]);

  await another`rollback`;
  another.release();
  await worker.tick();
  expect(ran).toEqual([2, 1]);
});
