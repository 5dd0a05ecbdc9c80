import { describeError, encodeJson, type StoredError } from "shared/values";
import type { TaskDefinition } from "../task.ts";

/** How a run ended. */
export type Outcome = {
  status: "succeeded" | "failed";
  /** JSON, if the task has succeeded. */
  output?: string;
  error?: StoredError;
};

export type ClaimedTask = {
  id: string;
  name: string;
  input: unknown;
};

/**
 * Runs a claimed task's handler and returns the outcome. Never throws: if the handler throws, or its output cannot be
 * stored, the outcome is a failure.
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
