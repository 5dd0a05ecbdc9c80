import { once } from "node:events";
import { say } from "shared/console";
import type { StepInfo, TaskContext } from "../engine/index.ts";

export type Order = { customer: string };

type Steps = Pick<TaskContext, "step">;
type WaitForTruck = (step: StepInfo) => Promise<void> | void;

/** The handler that is running when version 2 is deployed. */
export function version1(worker: string, waitForTruck: WaitForTruck = () => {}) {
  return async ({ customer }: Order, { step }: Steps) => {
    const delivery = await step("delivery address", () => deliveryAddress(customer));
    const billing = await step("billing address", () => billingAddress(customer));
    await step("charge", () => say(`  ${worker} sends the bill to ${billing}`));
    await step("ship", async (info) => {
      await waitForTruck(info);
      say(`  ${worker} ships to ${delivery}`);
    });
    return delivery;
  };
}

/** Version 1 with its two look-ups in alphabetical order. */
export function version2(worker: string) {
  return async ({ customer }: Order, { step }: Steps) => {
    const billing = await step("billing address", () => billingAddress(customer));
    const delivery = await step("delivery address", () => deliveryAddress(customer));
    await step("charge", () => say(`  ${worker} sends the bill to ${billing}`));
    await step("ship", () => say(`  ${worker} ships to ${delivery}`));
    return delivery;
  };
}

/** Version 2 with a patch: tasks that began in the old order go on in it. `inShip` runs in the last step. */
export function version3(worker: string, inShip: () => Promise<void>) {
  return async ({ customer }: Order, { step, patched }: TaskContext) => {
    const lookUpBilling = () => step("billing address", () => billingAddress(customer));
    const lookUpDelivery = () => step("delivery address", () => deliveryAddress(customer));
    let billing: string;
    let delivery: string;
    if (await patched("billing first")) {
      billing = await lookUpBilling();
      delivery = await lookUpDelivery();
    } else {
      delivery = await lookUpDelivery();
      billing = await lookUpBilling();
    }
    await step("charge", () => say(`  ${worker} sends the bill to ${billing}`));
    await step("ship", async () => {
      await inShip();
      say(`  ${worker} ships to ${delivery}`);
    });
    return delivery;
  };
}

/** A truck that does not come before the worker is stopped. */
export function lateTruck(): { isAwaited: Promise<void>; wait: WaitForTruck } {
  let onWait = () => {};
  const isAwaited = new Promise<void>((resolve) => {
    onWait = resolve;
  });
  const wait: WaitForTruck = async ({ signal }) => {
    onWait();
    await once(signal, "abort");
    throw signal.reason;
  };
  return { isAwaited, wait };
}

// These stand for the customers' database.
function deliveryAddress(customer: string): string {
  return `the harbour, pier 7 (${customer})`;
}

function billingAddress(customer: string): string {
  return `the bank, 2nd floor (${customer})`;
}
