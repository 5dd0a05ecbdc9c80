import { setTimeout as pause } from "node:timers/promises";
import type { Sql } from "shared/database";
import {
  type ChildOptions,
  type DurableContext,
  enqueue,
  result,
  type TaskDefinition,
} from "#engine";

type ChildCalls = Pick<DurableContext, "run">;

/**
 * What one would write for an engine without children: a step that enqueues the task and polls its status until it has
 * ended, for 3 s at most.
 */
export function childCalls(context: DurableContext, sql: Sql): ChildCalls {
  const { run } = context as Partial<ChildCalls>;
  if (run) return { run };
  const runInStep = (
    definition: TaskDefinition<never, unknown>,
    input: never,
    options?: ChildOptions,
  ) =>
    context.step(definition.name, async ({ idempotencyKey, signal }): Promise<unknown> => {
      const id = await enqueue(sql, definition, input, { ...options, idempotencyKey });
      const giveUpAt = performance.now() + 3_000;
      while (performance.now() < giveUpAt) {
        const child = await result(sql, id);
        if (child.status === "succeeded") return child.output;
        if (child.status === "failed") throw new Error(child.error.message);
        if (child.status === "cancelled") throw new Error("cancelled");
        signal.throwIfAborted();
        await pause(5);
      }
      throw new Error(`Task ${id} has not ended in time`);
    });
  return { run: runInStep as never };
}
