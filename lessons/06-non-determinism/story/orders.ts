import { say } from "shared/console";
import type { TaskContext } from "../engine/index.ts";

type Steps = Pick<TaskContext, "step">;
type Order = { customer: string };

/** What happens half way: nothing, or it stops here for ever, since the process is about to be killed. */
export type HalfWay = () => Promise<void> | void;

/** Version 1, as the worker of this name runs it. */
export function version1(worker: string, halfWay: HalfWay = () => {}) {
  return async ({ customer }: Order, { step }: Steps) => {
    const delivery = await step("delivery address", () => deliveryAddress(customer));
    const billing = await step("billing address", () => billingAddress(customer));
    await step("charge", () => say(`  ${worker} sends the bill to ${billing}`));
    await step("ship", async () => {
      await halfWay();
      say(`  ${worker} ships to ${delivery}`);
    });
    return { delivery };
  };
}

/** Version 2: somebody has sorted the two look-ups. */
export function version2(worker: string) {
  return async ({ customer }: Order, { step }: Steps) => {
    const billing = await step("billing address", () => billingAddress(customer));
    const delivery = await step("delivery address", () => deliveryAddress(customer));
    await step("charge", () => say(`  ${worker} sends the bill to ${billing}`));
    await step("ship", () => say(`  ${worker} ships to ${delivery}`));
    return { delivery };
  };
}

/** Version 3: tasks that have begun in the old order go on in it. */
export function version3(worker: string, halfWay: HalfWay) {
  return async ({ customer }: Order, { step, patched }: TaskContext) => {
    const askForBilling = () => step("billing address", () => billingAddress(customer));
    const askForDelivery = () => step("delivery address", () => deliveryAddress(customer));
    let billing: string;
    let delivery: string;
    if (await patched("billing first")) {
      billing = await askForBilling();
      delivery = await askForDelivery();
    } else {
      delivery = await askForDelivery();
      billing = await askForBilling();
    }
    await step("charge", () => say(`  ${worker} sends the bill to ${billing}`));
    await step("ship", async () => {
      await halfWay();
      say(`  ${worker} ships to ${delivery}`);
    });
    return { delivery };
  };
}

// These stand for the customers' database.
function deliveryAddress(customer: string): string {
  return `the harbour, pier 7 (${customer})`;
}

function billingAddress(customer: string): string {
  return `the bank, 2nd floor (${customer})`;
}
