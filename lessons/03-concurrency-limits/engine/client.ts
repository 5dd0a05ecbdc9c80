import { pgtyped, type Queryable } from "shared/database";
import { checkKey, encodeJson, type StoredError, wholeNumber } from "shared/values";
import { insertTasks, type Json, readTask, setConcurrencyLimit as set } from "../sql/queries.ts";
import { UnknownConcurrencyKeyError } from "./errors.ts";
import type { TaskDefinition } from "./task.ts";

export type EnqueueOptions = {
  /** Tasks with the same key share the limit that `setConcurrencyLimit` has set for it. Default: no limit. */
  concurrencyKey?: string;
};

export type NewTask<Input> = { input: Input } & EnqueueOptions;

/** The status of a task, with its `output` if it has succeeded and its `error` if it has failed. */
export type TaskResult =
  | { status: "queued" | "running" }
  | { status: "succeeded"; output: Json }
  | { status: "failed"; error: StoredError };

/**
 * Lets at most `limit` tasks with this concurrency key run at once, across all workers; 0 pauses the key. A limit below
 * the number of running tasks ends none of them; it applies to the tasks that are claimed from then on.
 */
export async function setConcurrencyLimit(
  sql: Queryable,
  key: string,
  limit: number,
): Promise<void> {
  checkKey(key, "concurrencyKey");
  const maxRunning = wholeNumber("limit", limit, 0, 1_000_000);
  await set.run({ concurrencyKey: key, maxRunning }, pgtyped(sql));
}

/**
 * Adds a task and returns its id. If `sql` is a transaction, the task exists only if it commits. Throws an
 * `UnstorableValueError`, before anything is sent, if the name or the input cannot be stored, and an
 * `UnknownConcurrencyKeyError` if the key has no limit; the transaction can go on after both.
 */
export async function enqueue<Input>(
  sql: Queryable,
  definition: TaskDefinition<Input, unknown>,
  input: Input,
  options: EnqueueOptions = {},
): Promise<string> {
  const [id] = await enqueueMany(sql, definition, [{ ...options, input }]);
  return id as string;
}

/** Like `enqueue`, for any number of tasks in one statement; returns their ids in order. Adds all of them or none. */
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
  for (const { unknownKey } of inserted) {
    if (unknownKey !== null) throw new UnknownConcurrencyKeyError(unknownKey);
  }
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
function rowOf<Input>({ input, concurrencyKey }: NewTask<Input>) {
  if (concurrencyKey !== undefined) checkKey(concurrencyKey, "concurrencyKey");
  return {
    input: encodeJson(input, "input"),
    concurrency_key: concurrencyKey,
  };
}
