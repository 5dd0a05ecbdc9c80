import { task } from "../engine/index.ts";
import { type Outside, passOn, type Stop } from "./outside.ts";

/** Reserves, charges and ships, each as a step. */
export function order(outside: Outside) {
  return task({
    name: "order",
    run: async (_: { item: string }, { step }) => {
      const shelf = await step("reserve", () => outside.reserve());
      const receipt = await step("charge", () => outside.charge());
      await step("ship", () => outside.ship());
      return { shelf, receipt };
    },
  });
}

/** Charges with the key that the step is given. */
export function carefulOrder(outside: Outside) {
  return task({
    name: "careful order",
    run: (_: { item: string }, { step }) =>
      step("charge", ({ idempotencyKey }) => outside.charge(idempotencyKey)),
  });
}

/** Moves money from one account to another. */
export function transfer(stop: Stop = passOn) {
  return task({
    name: "transfer",
    run: async ({ euros }: { euros: number }, { step, transaction }) => {
      const left = await transaction("move", async (tx) => {
        await tx`update accounts set balance = balance + ${euros} where name = 'bob'`;
        const [alice] = await tx`
          update accounts set balance = balance - ${euros} where name = 'alice' returning balance`;
        await stop("before the commit");
        return alice?.balance as number;
      });
      await step("tell", () => stop("after the commit"));
      return { left };
    },
  });
}

/** Tries the card three times, and sends a bill when that has not helped. */
export function pay() {
  return task({
    name: "pay",
    run: async (_: null, { step }) => {
      const charge = step(
        "charge the card",
        ({ attempt }) => {
          throw new Error(`no answer to call ${attempt}`);
        },
        { retry: { maxAttempts: 3, backoffMs: 20 } },
      );
      await charge.catch(() => {});
      return step("send a bill", () => "bill 12");
    },
  });
}
