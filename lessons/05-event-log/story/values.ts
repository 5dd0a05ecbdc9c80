import { inspect } from "node:util";
import { say } from "shared/console";
import type { Sql } from "shared/database";
import { enqueue, task } from "../engine/index.ts";
import { newWorker, runUntilEnded } from "./workers.ts";

/** Runs a task with a step whose output changes when it is stored, and one whose output cannot be stored. */
export async function storeValues(sql: Sql): Promise<void> {
  const pay = task({
    name: "pay",
    run: async (_: null, { step }) => {
      const receipt = await step("charge", () => {
        const returned = { at: new Date("2026-01-31T12:00:00Z"), cents: 4200, coupon: undefined };
        say(`  the step returned  ${inspect(returned)}`);
        return returned;
      });
      say(`  the handler got    ${inspect(receipt)}`);
      await step("sum", () => ({ totals: [4200n] }));
    },
  });
  const id = await enqueue(sql, pay, null);
  await runUntilEnded(newWorker(sql, "worker-2", [pay]), id);
}
