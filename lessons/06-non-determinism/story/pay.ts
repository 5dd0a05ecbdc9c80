import { type TaskContext, task } from "../engine/index.ts";

const retry = { maxAttempts: 5, backoffMs: 0 };

/** Charges, notifies, and then fails for once. */
export const pay = task({
  name: "pay",
  retry,
  run: async (_: null, { step }) => {
    await step("charge", () => "paid", { input: { euros: 42 } });
    await step("notify", () => "sent");
    throw new Error("the network is away");
  },
});

/** The same, if somebody has changed the amount. */
export const payMore = changed(async ({ step }) => {
  await step("charge", () => "paid", { input: { euros: 43 } });
  await step("notify", () => "sent");
});

/** The same, if somebody has deleted a step. */
export const payInSilence = changed(async ({ step }) => {
  await step("charge", () => "paid", { input: { euros: 42 } });
});

function changed(run: (context: TaskContext) => Promise<void>) {
  return task({ name: "pay", retry, run: (_: null, context) => run(context) });
}
