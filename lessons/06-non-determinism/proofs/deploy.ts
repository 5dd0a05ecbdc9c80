import type { Sql } from "shared/database";
import { enqueue, type TaskContext, Worker, type WorkerOptions } from "#engine";
import { durableTask } from "./durable-task.ts";

export type Handler = (context: TaskContext) => Promise<unknown>;

const AT_ONCE = { backoffMs: 0 };

/**
 * Runs `first` as the first attempt of a task, which fails after the last call, and then `then` as its second attempt.
 * Returns the names of the steps that ran.
 */
export async function deploy(
  sql: Sql,
  first: Handler,
  then: Handler,
  options: Partial<WorkerOptions> = {},
): Promise<{ id: string; ran: string[] }> {
  const ran: string[] = [];
  const recorded = (handler: Handler) => (_: null, context: TaskContext) => {
    const step: TaskContext["step"] = (name, run, options) => {
      const recordedRun: typeof run = (info) => {
        ran.push(name);
        return run(info);
      };
      return context.step(name, recordedRun, options);
    };
    return handler({ ...context, step, attempt: context.attempt, signal: context.signal });
  };
  const v1 = durableTask({
    name: "order",
    retry: AT_ONCE,
    run: async (input: null, context) => {
      await recorded(first)(input, context);
      throw new Error("halfway");
    },
  });
  const v2 = durableTask({ name: "order", retry: AT_ONCE, run: recorded(then) });
  const id = await enqueue(sql, v1, null);
  await new Worker(sql, { tasks: [v1], log: () => {} }).tick();
  await new Worker(sql, { tasks: [v2], graceMs: 0, log: () => {}, ...options }).tick();
  return { id, ran };
}

export const order: Handler = async ({ step }) => {
  await step("reserve", () => "shelf 3");
  await step("charge", () => "12 €", { input: { euros: 12, card: "1234" } });
  await step("ship", () => "on its way");
};
