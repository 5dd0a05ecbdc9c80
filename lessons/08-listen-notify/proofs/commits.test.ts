import type { Sql } from "shared/database";
import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import {
  type DurableContext,
  durableTask,
  enqueueMany,
  type TaskDefinition,
  task,
  Worker,
} from "#engine";

test("tasks that end at the same time share commits", async () => {
  const { sql } = await freshDatabase();
  const greet = task({ name: "greet", run: (n: number) => `hello ${n}` });
  await runSideBySide(sql, greet, 100);

  expect(await counted(sql, "tasks")).toEqual({ rows: 100, commits: expect.toSatisfy(atMost(10)) });
});

test("steps of tasks that run side by side share commits", async () => {
  const { sql } = await freshDatabase();
  const order = durableTask({
    name: "order",
    run: async (_: number, { step }: DurableContext) => {
      for (const name of ["reserve", "charge", "ship"]) await step(name, () => name);
    },
  });
  await runSideBySide(sql, order, 100);

  expect(await counted(sql, "events")).toEqual({
    rows: 300,
    commits: expect.toSatisfy(atMost(60)),
  });
});

test("tasks that run side by side start their children, and are suspended, in shared commits", async () => {
  const { sql } = await freshDatabase();
  const never = task({ name: "nobody knows it", run: (_: number) => {} });
  const parent = durableTask({
    name: "parent",
    run: (_: number, { run }: DurableContext) =>
      Promise.all(Array.from({ length: 10 }, (_, n) => run(never, n))),
  });
  await runSideBySide(sql, parent, 20);

  expect(await counted(sql, "events")).toEqual({
    rows: 200,
    commits: expect.toSatisfy(atMost(30)),
  });
  expect(await counted(sql, "tasks", "suspended")).toEqual({
    rows: 20,
    commits: expect.toSatisfy(atMost(10)),
  });
});

/** One round of one worker that has a slot for each. */
async function runSideBySide(
  sql: Sql,
  definition: TaskDefinition<number, unknown>,
  count: number,
): Promise<void> {
  await enqueueMany(
    sql,
    definition,
    Array.from({ length: count }, (_, input) => ({ input })),
  );
  expect(await new Worker(sql, { tasks: [definition], slots: 100, log: () => {} }).tick()).toBe(
    count,
  );
}

/** How many rows there are, and in how many commits they were written as they are now. */
async function counted(sql: Sql, table: string, status?: string) {
  const [row] = await sql`
    select count(*)::int as rows, count(distinct xmin::text)::int as commits
    from ${sql(table)}
    where status::text = ${status ?? null} or ${status ?? null}::text is null`;
  return { rows: row?.rows, commits: row?.commits };
}

function atMost(most: number): (count: number) => boolean {
  return (count) => count <= most;
}
