import { connect, type Sql } from "shared/database";
import { type FreshDatabase, freshDatabase, intercept } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { durableTask, enqueueMany, task, Worker } from "#engine";
import { TWENTY } from "./twenty.ts";

const leaf = task({ name: "leaf", run: (n: number) => n });

/** Starts children while others of its end: in groups, and what a group leaves out beside them. */
const family = durableTask({
  name: "family",
  run: async (depth: number, { run, step }): Promise<number> => {
    if (depth === 0) return step("count", () => 1);
    const parts = await Promise.all([
      run(leaf, 1),
      run(family, depth - 1),
      step("think", () => 1).then(() => run(leaf, 1)),
      run(family, depth - 1).then(async (n) => n + (await run(leaf, 1))),
    ]);
    return parts.reduce((sum, n) => sum + n, 0);
  },
});

test("workers that end and start children of the same parents never wait for each other in a circle", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const roots = TWENTY.map(() => ({ input: 2 }));
  await enqueueMany(sql, family, roots);
  const errors: unknown[] = [];
  const workers = [1, 2, 3].map((n) => {
    const pool = watched(database, (error) => errors.push(error));
    return new Worker(pool, {
      tasks: [family, leaf],
      name: `worker-${n}`,
      slots: 30,
      log: () => {},
    });
  });
  for (const worker of workers) worker.start();
  const unfinished = async () => {
    const rows = await sql`
      select count(*)::int as left from tasks where status <> 'succeeded' or open_children <> 0`;
    return rows[0]?.left;
  };
  await expect.poll(unfinished).toBe(0);
  await Promise.all(workers.map((worker) => worker.stop()));

  expect(errors).toEqual([]);
  const outputs = await sql`select distinct output from tasks where parent_id is null`;
  expect(outputs).toEqual([{ output: leavesOf(2) }]);
  const [counted] =
    await sql`select count(*)::int as tasks, sum(attempt)::int as attempts from tasks`;
  expect(counted).toEqual({ tasks: 20 * tasksOf(2), attempts: 20 * tasksOf(2) });
});

/** A pool of its own, and what Postgres has refused on it. */
function watched({ url, schema }: FreshDatabase, onError: (error: unknown) => void): Sql {
  const pool = connect(url, { schema, max: 5 });
  onTestFinished(() => pool.end({ timeout: 0 }));
  return intercept(pool, { failed: onError });
}

function leavesOf(depth: number): number {
  return depth === 0 ? 1 : 3 + 2 * leavesOf(depth - 1);
}

function tasksOf(depth: number): number {
  return depth === 0 ? 1 : 4 + 2 * tasksOf(depth - 1);
}
