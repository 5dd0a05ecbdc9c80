import type { Sql } from "shared/database";
import { enqueue, type TaskContext, Worker } from "#engine";
import { durableTask } from "./durable-task.ts";

export type Handler = (context: TaskContext) => Promise<unknown>;

const AT_ONCE = { backoffMs: 0 };

/** Runs `first`, which fails after its last call, and then `then` as the same task's second attempt. */
export async function deploy(
  sql: Sql,
  first: Handler,
  then: Handler,
): Promise<{ id: string; ran: string[] }> {
  const ran: string[] = [];
  const noted = (handler: Handler) => (_: null, context: TaskContext) => {
    const step: TaskContext["step"] = (name, run, options) => {
      const notedRun: typeof run = (info) => {
        ran.push(name);
        return run(info);
      };
      return context.step(name, notedRun, options);
    };
    return handler({ ...context, step, attempt: context.attempt, signal: context.signal });
  };
  const v1 = durableTask({
    name: "order",
    retry: AT_ONCE,
    run: async (input: null, context) => {
      await noted(first)(input, context);
      throw new Error("half way");
    },
  });
  const v2 = durableTask({ name: "order", retry: AT_ONCE, run: noted(then) });
  const id = await enqueue(sql, v1, null);
  await new Worker(sql, { tasks: [v1], log: () => {} }).tick();
  await new Worker(sql, { tasks: [v2], graceMs: 0, log: () => {} }).tick();
  return { id, ran };
}

export const order: Handler = async ({ step }) => {
  await step("reserve", () => "shelf 3");
  await step("charge", () => "12 €", { input: { euros: 12, card: "1234" } });
  await step("ship", () => "on its way");
};
