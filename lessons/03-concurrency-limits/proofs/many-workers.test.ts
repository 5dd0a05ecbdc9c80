import { fileURLToPath } from "node:url";
import { transaction } from "shared/database";
import { freshDatabase, freshLedger, startTestProcess } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, task, Worker } from "#engine";
import { limitTo } from "./limit-to.ts";

const PROCESSES = 4;
const KEYS = 24;
const TASKS_PER_KEY = 12;

test("four worker processes that share 24 keys never exceed a limit, and never deadlock", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const ledger = freshLedger();
  const keys = Array.from({ length: KEYS }, (_, n) => ({ key: `key ${n}`, limit: 1 + (n % 3) }));
  for (const { key, limit } of keys) await limitTo(sql, key, limit);
  await sql`create table gauges (key text primary key, running int, most int)`;
  await sql`insert into gauges ${sql(keys.map(({ key }) => ({ key, running: 0, most: 0 })))}`;
  const call = task({ name: "call", run: (_: { key: string }) => {} });
  await transaction(sql, async (tx) => {
    for (let n = 0; n < KEYS * TASKS_PER_KEY; n += 1) {
      const key = `key ${n % KEYS}`;
      await enqueue(tx, call, { key }, { concurrencyKey: key });
    }
  });

  const script = fileURLToPath(new URL("limited-worker.ts", import.meta.url));
  const workers = Array.from({ length: PROCESSES }, () =>
    startTestProcess(script, database, ledger),
  );
  await Promise.all(workers.map((worker) => worker.firstMessage));
  for (const worker of workers) worker.send("go");
  expect(await Promise.all(workers.map((worker) => worker.ended))).toEqual([0, 0, 0, 0]);

  const exceeded = await sql`select key, most from gauges`;
  expect(
    exceeded.filter(({ key, most }) => most > (keys.find((each) => each.key === key)?.limit ?? 0)),
  ).toEqual([]);
  expect(await sql`select from tasks where status = 'succeeded'`).toHaveLength(
    KEYS * TASKS_PER_KEY,
  );
  // A deadlock would have failed a claim or an outcome, and the worker would have logged it.
  expect(ledger.lines().filter((line) => !line.startsWith("ran "))).toEqual([]);
});

test("the running tasks of a crashed worker still count against their limit", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const ledger = freshLedger();
  await limitTo(sql, "api", 3);
  const wait = task({ name: "wait", run: () => {} });
  for (let n = 0; n < 5; n += 1) await enqueue(sql, wait, null, { concurrencyKey: "api" });

  const script = fileURLToPath(new URL("hanging-worker.ts", import.meta.url));
  const doomed = startTestProcess(script, database, ledger);
  await doomed.firstMessage;
  await doomed.kill();
  const [dead] = await sql`select count(*)::int as running from tasks where status = 'running'`;

  const running = 3 - dead?.running;
  expect(await new Worker(sql, { tasks: [wait] }).tick()).toBe(running);
});
