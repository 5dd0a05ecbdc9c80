import { pgtyped, type Queryable } from "shared/database";
import { checkKey, encodeJson, type StoredError } from "shared/values";
import { insertTasks, type Json, readTask } from "../sql/queries.ts";
import type { TaskDefinition } from "./task.ts";

export type NewTask<Input> = { input: Input };

/** The status of a task, with its `output` if it has succeeded and its `error` if it has failed. */
export type TaskResult =
  | { status: "queued" | "running" }
  | { status: "succeeded"; output: Json }
  | { status: "failed"; error: StoredError };

/**
 * Adds a task and returns its id. If `sql` is a transaction, the task exists only if it commits. Throws an
 * `UnstorableValueError`, before anything is sent, if the name or the input cannot be stored.
 */
export async function enqueue<Input>(
  sql: Queryable,
  definition: TaskDefinition<Input, unknown>,
  input: Input,
): Promise<string> {
  const [id] = await enqueueMany(sql, definition, [{ input }]);
  return id as string;
}

/** Like `enqueue`, for any number of tasks in one statement; returns their ids in order. */
export async function enqueueMany<Input>(
  sql: Queryable,
  definition: TaskDefinition<Input, unknown>,
  tasks: NewTask<Input>[],
): Promise<string[]> {
  checkKey(definition.name, "name");
  const rows = tasks.map(rowOf);
  const inserted = await insertTasks.run(
    { name: definition.name, tasks: JSON.stringify(rows) },
    pgtyped(sql),
  );
  if (inserted.length < tasks.length) {
    throw new Error(
      `Only ${inserted.length} of ${tasks.length} tasks were added; does a trigger on the table drop rows?`,
    );
  }
  return inserted.map(({ id }) => String(id));
}

/** Returns the status of the task with this id. Throws if there is none. */
export async function result(sql: Queryable, id: string): Promise<TaskResult> {
  const [row] = await readTask.run({ id }, pgtyped(sql));
  if (!row) throw new Error(`There is no task ${id}`);
  switch (row.status) {
    case "succeeded":
      return { status: row.status, output: row.output };
    case "failed":
      return { status: row.status, error: row.error as StoredError };
    default:
      return { status: row.status };
  }
}

/** Returns a new task as `insertTasks` expects it. */
function rowOf<Input>({ input }: NewTask<Input>) {
  return {
    input: encodeJson(input, "input"),
  };
}
