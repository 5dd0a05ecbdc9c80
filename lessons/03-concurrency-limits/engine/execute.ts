import { describeError, encodeJson, type StoredError } from "shared/values";
import type { TaskDefinition } from "./task.ts";

/** What came of one claimed task; the worker writes it down. */
export type Outcome =
  | { status: "succeeded"; output: string }
  | { status: "failed"; error: StoredError };

export type ClaimedTask = {
  id: string;
  name: string;
  input: unknown;
};

/**
 * Runs a claimed task's handler. Never throws: whatever the handler does, and an output that cannot be
 * stored, becomes an outcome.
 */
export async function execute(
  definition: TaskDefinition<never, unknown> | undefined,
  claimed: ClaimedTask,
): Promise<Outcome> {
  try {
    if (!definition) {
      throw new Error(
        `Task "${claimed.name}" is not known to this worker; add it to new Worker({ tasks })`,
      );
    }
    const output = await definition.run(claimed.input as never);
    return { status: "succeeded", output: encodeJson(output, "output") };
  } catch (thrown) {
    return { status: "failed", error: describeError(thrown) };
  }
}
