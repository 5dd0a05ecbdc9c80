import { one, pgtyped, type Queryable } from "shared/database";
import { checkText, encodeJson, type StoredError, UnstorableValueError } from "shared/values";
import { insertTask, type Json, readTask } from "../sql/queries.ts";
import type { TaskDefinition } from "./task.ts";

/** How a task stands: `output` once it has succeeded, `error` once it has failed. */
export type TaskResult =
  | { status: "queued" | "running" }
  | { status: "succeeded"; output: Json }
  | { status: "failed"; error: StoredError };

/**
 * Adds a task and returns its id. Given a transaction, the task exists only if that commits. A name or
 * an input that cannot be stored throws an `UnstorableValueError` before anything is sent, so the
 * transaction can go on.
 */
export async function enqueue<Input>(
  sql: Queryable,
  definition: TaskDefinition<Input, unknown>,
  input: Input,
): Promise<string> {
  checkName(definition.name);
  const { id } = one(
    await insertTask.run(
      { name: definition.name, input: encodeJson(input, "input") },
      pgtyped(sql),
    ),
  );
  return id;
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
