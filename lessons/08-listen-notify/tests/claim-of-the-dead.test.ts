import {
  backendPid,
  one,
  pgtyped,
  type ReservedSql,
  type Sql,
  untilWaiting,
} from "shared/database";
import { freshDatabase } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueueMany, task } from "#engine";
import { claimTasks, deleteWorker, insertWorker, reclaimTasks } from "../sql/queries.ts";

const echo = task({ name: "echo", run: (n: number) => n });
const names = ["echo"];
const TASKS = Array.from({ length: 3 }, (_, input) => ({ input }));

async function deadWorker(sql: Sql): Promise<string> {
  const worker = { name: "dead", names, leaseMs: -1, channel: null };
  return one(await insertWorker.run(worker, pgtyped(sql))).id;
}

async function connection(sql: Sql): Promise<ReservedSql> {
  const reserved = await sql.reserve();
  onTestFinished(() => reserved.release());
  return reserved;
}

const left = (sql: Sql) => sql`
  select status, count(*)::int as tasks, count(workers.id)::int as with_worker
  from tasks
  left join workers on workers.id = worker_id
  group by status`;

test("who deletes a worker waits for its claim, and is refused if that got tasks", async () => {
  const { sql } = await freshDatabase();
  await enqueueMany(sql, echo, TASKS);
  const workerId = await deadWorker(sql);
  const [claiming, deleting] = [await connection(sql), await connection(sql)];
  const pid = await backendPid(deleting);
  await claiming`begin`;
  await claimTasks.run({ workerId, names, limit: 3 }, pgtyped(claiming));
  const deleted = deleteWorker.run({ workerId }, pgtyped(deleting));
  deleted.catch(() => {});
  await untilWaiting(sql, pid);
  await claiming`commit`;

  await expect(deleted).rejects.toThrow("Worker dead has tasks");
  expect(await left(sql)).toEqual([{ status: "running", tasks: 3, withWorker: 3 }]);
});

test("a claim waits for who deletes its worker, and gets nothing", async () => {
  const { sql } = await freshDatabase();
  await enqueueMany(sql, echo, TASKS);
  const workerId = await deadWorker(sql);
  const [claiming, reclaiming] = [await connection(sql), await connection(sql)];
  const pid = await backendPid(claiming);
  await reclaiming`begin`;
  await reclaimTasks.run({ workerId: "0", running: [], unsaved: [] }, pgtyped(reclaiming));
  const claimed = claimTasks.run({ workerId, names, limit: 3 }, pgtyped(claiming));
  await untilWaiting(sql, pid);
  await reclaiming`commit`;

  expect(await claimed).toEqual([]);
  expect(await left(sql)).toEqual([{ status: "queued", tasks: 3, withWorker: 0 }]);
});

test("a worker whose claim is under way is not declared dead", async () => {
  const { sql } = await freshDatabase();
  await enqueueMany(sql, echo, TASKS);
  const workerId = await deadWorker(sql);
  const claiming = await connection(sql);
  await claiming`begin`;
  await claimTasks.run({ workerId, names, limit: 3 }, pgtyped(claiming));
  const reclaim = () => reclaimTasks.run({ workerId: "0", running: [], unsaved: [] }, pgtyped(sql));
  expect(await reclaim()).toEqual([]);
  await claiming`commit`;
  expect(await left(sql)).toEqual([{ status: "running", tasks: 3, withWorker: 3 }]);

  expect(await reclaim()).toHaveLength(3);
  expect(await left(sql)).toEqual([{ status: "queued", tasks: 3, withWorker: 0 }]);
  expect(await sql`select from workers`).toEqual([]);
});
