import { pgtyped, type Queryable } from "shared/database";
import {
  checkKey,
  checkText,
  encodeJson,
  type StoredError,
  UnstorableValueError,
  wholeNumber,
} from "shared/values";
import { insertTask, type Json, readTask, setConcurrencyLimit as set } from "../sql/queries.ts";
import { UnknownConcurrencyKeyError } from "./errors.ts";
import type { TaskDefinition } from "./task.ts";

export type EnqueueOptions = {
  /** Tasks with the same key share its limit, which `setConcurrencyLimit` has set; none if left out. */
  concurrencyKey?: string;
};

/** How a task stands: `output` once it has succeeded, `error` once it has failed. */
export type TaskResult =
  | { status: "queued" | "running" }
  | { status: "succeeded"; output: Json }
  | { status: "failed"; error: StoredError };

/**
 * Lets at most `limit` tasks of this concurrency key run at once, over all workers; 0 stops them. A
 * lower limit than before ends no task that runs: it holds from then on for those that are claimed.
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
 * Adds a task and returns its id. Given a transaction, the task exists only if that commits. A name or
 * an input that cannot be stored throws an `UnstorableValueError` before anything is sent, and a key
 * without a limit an `UnknownConcurrencyKeyError`, so the transaction can go on.
 */
export async function enqueue<Input>(
  sql: Queryable,
  definition: TaskDefinition<Input, unknown>,
  input: Input,
  options: EnqueueOptions = {},
): Promise<string> {
  checkName(definition.name);
  const { concurrencyKey } = options;
  if (concurrencyKey !== undefined) checkKey(concurrencyKey, "concurrencyKey");
  const [inserted] = await insertTask.run(
    { name: definition.name, input: encodeJson(input, "input"), concurrencyKey },
    pgtyped(sql),
  );
  if (inserted) return inserted.id;
  throw new UnknownConcurrencyKeyError(String(concurrencyKey));
}

/** Reads how the task with this id stands. Throws if there is none. */
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

function checkName(name: unknown): void {
  if (typeof name !== "string" || name === "") {
    throw new UnstorableValueError("name", "must be a non-empty string");
  }
  checkText(name, "name");
}
