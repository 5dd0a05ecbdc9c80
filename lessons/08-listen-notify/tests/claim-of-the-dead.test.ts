import {
  backendPid,
  one,
  pgtyped,
  type Queryable,
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

/** Three tasks, a worker whose lease has ended, and a transaction in which it claims. */
async function tasksOfTheDead() {
  const { sql } = await freshDatabase();
  await enqueueMany(sql, echo, TASKS);
  const worker = { name: "dead", names, leaseMs: -1, channel: null };
  const { id: workerId } = one(await insertWorker.run(worker, pgtyped(sql)));
  const claiming = await connection(sql);
  const claim = () => claimTasks.run({ workerId, names, limit: 3 }, pgtyped(claiming));
  return { sql, workerId, claiming, claim };
}

async function connection(sql: Sql): Promise<ReservedSql> {
  const reserved = await sql.reserve();
  onTestFinished(() => reserved.release());
  return reserved;
}

const reclaim = (sql: Queryable) =>
  reclaimTasks.run({ workerId: "0", running: [], unsaved: [] }, pgtyped(sql));

const left = (sql: Sql) => sql`
  select status, count(*)::int as tasks, count(workers.id)::int as with_worker
  from tasks
  left join workers on workers.id = worker_id
  group by status`;

test("who deletes a worker waits for its claim, and is refused if that got tasks", async () => {
  const { sql, workerId, claiming, claim } = await tasksOfTheDead();
  const deleting = await connection(sql);
  const pid = await backendPid(deleting);
  await claiming`begin`;
  await claim();
  const deleted = deleteWorker.run({ workerId }, pgtyped(deleting));
  deleted.catch(() => {});
  await untilWaiting(sql, pid);
  await claiming`commit`;

  await expect(deleted).rejects.toThrow("Worker dead has tasks");
  expect(await left(sql)).toEqual([{ status: "running", tasks: 3, withWorker: 3 }]);
});

test("a claim waits for who deletes its worker, and gets nothing", async () => {
  const { sql, claiming, claim } = await tasksOfTheDead();
  const reclaiming = await connection(sql);
  await reclaiming`begin`;
  await reclaim(reclaiming);
  const pid = await backendPid(claiming);
  const claimed = claim();
  await untilWaiting(sql, pid);
  await reclaiming`commit`;

  expect(await claimed).toEqual([]);
  expect(await left(sql)).toEqual([{ status: "queued", tasks: 3, withWorker: 0 }]);
});

test("a worker whose claim is under way is not declared dead", async () => {
  const { sql, claiming, claim } = await tasksOfTheDead();
  await claiming`begin`;
  await claim();
  expect(await reclaim(sql)).toEqual([]);
  await claiming`commit`;
  expect(await left(sql)).toEqual([{ status: "running", tasks: 3, withWorker: 3 }]);

  expect(await reclaim(sql)).toHaveLength(3);
  expect(await left(sql)).toEqual([{ status: "queued", tasks: 3, withWorker: 0 }]);
  expect(await sql`select from workers`).toEqual([]);
});

test("no task can be deleted: a log may tell of it", async () => {
  const { sql } = await tasksOfTheDead();
  for (const change of ["delete from tasks", "truncate tasks", "truncate tasks cascade"]) {
    await expect(sql.unsafe(change)).rejects.toMatchObject({
      message: expect.stringMatching(/^Tasks are never deleted: (delete|truncate) is refused$/),
      hint: expect.stringContaining("To end a task, cancel it"),
    });
  }
  expect(await left(sql)).toEqual([{ status: "queued", tasks: 3, withWorker: 0 }]);
});
