import type { Sql } from "shared/database";
import { freshDatabase, recordStatements } from "shared/testing";
import { expect, test } from "vitest";
import * as engine from "#engine";
import { enqueue, task } from "#engine";

test("ten thousand tasks are added with one statement, in order", async () => {
  const { sql } = await freshDatabase();
  const recorded = recordStatements(sql);
  const count = task({ name: "count", run: (_: number) => {} });
  const numbers = Array.from({ length: 10_000 }, (_, n) => n);
  const ids = await addAll(recorded.sql, count, numbers);

  expect(recorded.statements).toHaveLength(1);
  const rows = await sql`select id, input from tasks order by id`;
  expect(rows.map(({ id }) => id)).toEqual(ids);
  expect(rows.map(({ input }) => input)).toEqual(numbers);
});

/** Adds all tasks in one call, or one after the other if the engine has no `enqueueMany`. */
async function addAll(
  sql: Sql,
  definition: engine.TaskDefinition<number, void>,
  inputs: number[],
): Promise<string[]> {
  const tasks = inputs.map((input) => ({ input }));
  if (engine.enqueueMany) return engine.enqueueMany(sql, definition, tasks);
  const ids: string[] = [];
  for (const { input } of tasks) ids.push(await enqueue(sql, definition, input));
  return ids;
}
