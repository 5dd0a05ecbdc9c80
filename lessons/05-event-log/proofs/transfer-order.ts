import type { Sql } from "shared/database";
import type { Ledger } from "shared/processes";
import { durableTaskOf } from "shared/testing/durable-task";
import type * as Engine from "#engine";
import type { TaskContext, TaskDefinition } from "#engine";
import { calls } from "./calls.ts";

/**
 * Returns a task with two steps and a transaction between them. Each writes to the ledger, and the transaction also moves
 * money. `whileNotifying` runs in the last step.
 */
export function transferOrder(
  engine: typeof Engine,
  sql: Sql,
  ledger: Ledger,
  whileNotifying: () => Promise<unknown> = async () => {},
): TaskDefinition<null, unknown> {
  return durableTaskOf(engine)({
    name: "order",
    run: async (_: null, context: TaskContext) => {
      const { step, transaction } = calls(context, sql);
      await step("reserve", () => ledger.write("reserve"));
      const balance = await transaction("transfer", async (tx) => {
        ledger.write("transfer");
        await tx`update accounts set balance = balance + 10 where name = 'bob'`;
        const [alice] = await tx`
          update accounts set balance = balance - 10 where name = 'alice' returning balance`;
        return alice?.balance;
      });
      await step("notify", async () => {
        ledger.write("notify");
        await whileNotifying();
      });
      return balance;
    },
  });
}
