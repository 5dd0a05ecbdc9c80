import { one, pgtyped, type Queryable } from "shared/database";
import { insertTask } from "../sql/queries.ts";
import type { TaskDefinition } from "./task.ts";

/** Adds a task and returns its id. If `sql` is a transaction, the task exists only if it commits. */
export async function enqueue<Input>(
  sql: Queryable,
  definition: TaskDefinition<Input, unknown>,
  input: Input,
): Promise<string> {
  const { id } = one(
    await insertTask.run({ name: definition.name, input: input as never }, pgtyped(sql)),
  );
  return id;
}
