import type { Sql } from "shared/database";
import type { Ledger } from "shared/processes";
import { durableTaskOf } from "shared/testing/durable-task";
import type * as Engine from "#engine";
import type { DurableContext } from "#engine";
import { childCalls } from "./child-calls.ts";

/** An order whose children pack it and pay for it, side by side. Effects outside of the engine are in the ledger. */
export function packing(engine: typeof Engine, sql: Sql, ledger: Ledger) {
  const durableTask = durableTaskOf(engine);
  const pay = engine.task({
    name: "pay",
    run: (euros: number) => {
      ledger.write("pay");
      return `${euros} €`;
    },
  });
  const pack = durableTask({
    name: "pack",
    run: async (items: number, { step }: DurableContext) => {
      await step("fold", () => ledger.write("fold"));
      await step("fill", () => ledger.write("fill"));
      return `${items} items`;
    },
  });
  const order = durableTask({
    name: "order",
    run: async (_: null, context: DurableContext) => {
      const { run } = childCalls(context, sql);
      await context.step("reserve", () => ledger.write("reserve"));
      const parts = await Promise.all([run(pay, 12), run(pack, 3)]);
      await context.step("notify", () => ledger.write("notify"));
      return parts.join(" for ");
    },
  });
  return { order, tasks: [order, pay, pack] };
}
