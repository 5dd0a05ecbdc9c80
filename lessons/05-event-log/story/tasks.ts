import { task } from "../engine/index.ts";
import type { Outside } from "./outside.ts";

/** Does nothing, or stops here for ever: the process is about to be killed. */
export type Stop = (place: string) => Promise<void> | void;

const goOn: Stop = () => {};

/** Reserves, charges and ships, each as a step. */
export function order(outside: Outside, stop: Stop = goOn) {
  return task({
    name: "order",
    run: async (_: { item: string }, { step }) => {
      const shelf = await step("reserve", () => outside.reserve());
      const receipt = await step("charge", () => outside.charge());
      await step("ship", async () => {
        await stop("after the charge");
        return outside.ship();
      });
      return { shelf, receipt };
    },
  });
}

/** Charges with the key that the step is given. */
export function carefulOrder(outside: Outside, stop: Stop = goOn) {
  return task({
    name: "careful order",
    run: (_: { item: string }, { step }) =>
      step("charge", async ({ idempotencyKey }) => {
        const receipt = outside.charge(idempotencyKey);
        await stop("between the charge and its event");
        return receipt;
      }),
  });
}

/** Moves money from one account to another. */
export function transfer(stop: Stop = goOn) {
  return task({
    name: "transfer",
    run: async ({ euros }: { euros: number }, { step, transaction }) => {
      const left = await transaction("move", async (sql) => {
        await sql`update accounts set balance = balance + ${euros} where name = 'bob'`;
        const [alice] = await sql`
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
