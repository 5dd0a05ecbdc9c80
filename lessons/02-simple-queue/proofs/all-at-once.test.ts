import { setImmediate as nextTurn } from "node:timers/promises";
import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

test("a worker runs all tasks of a batch at the same time", async () => {
  const { sql } = await freshDatabase();
  let running = 0;
  let mostRunning = 0;
  const count = task({
    name: "count",
    run: async () => {
      running += 1;
      mostRunning = Math.max(mostRunning, running);
      await nextTurn();
      running -= 1;
    },
  });
  for (let n = 0; n < 5; n += 1) await enqueue(sql, count, {});

  const worker = new Worker(sql, { tasks: [count] });
  while ((await worker.tick()) > 0);

  expect(mostRunning).toBe(5);
});

test("no transaction is open while a task runs", async () => {
  const { sql } = await freshDatabase();
  const look = task({
    name: "look",
    run: async () => {
      const open = await sql`
        select count(*)::int as count
        from pg_locks
        join pg_class on pg_class.oid = pg_locks.relation
        where pg_class.oid = 'tasks'::regclass
          and pg_locks.pid <> pg_backend_pid()`;
      transactions.push(open[0]?.count);
    },
  });
  const transactions: number[] = [];
  await enqueue(sql, look, {});

  await new Worker(sql, { tasks: [look] }).tick();

  expect(transactions).toEqual([0]);
});
