import { nextMessage, tellParent } from "shared/processes";
import { durableTaskOf } from "shared/testing/durable-task";
import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";
import { calls } from "./calls.ts";

// Claims a transfer, and stops in its step or in its transaction, before that has done anything, until it is told
// to go on.
const { sql, ledger, engine } = await joinTest<typeof Engine>();
const transfer = durableTaskOf(engine)({
  name: "transfer",
  run: async (stopsIn: string, context) => {
    const { step, transaction } = calls(context, sql);
    const stopIn = async (place: string) => {
      if (place !== stopsIn) return;
      const goOn = nextMessage();
      tellParent(`in its ${place}`);
      await goOn;
    };
    await step("check", async () => {
      await stopIn("step");
      return "by the zombie";
    });
    await transaction("move", async (tx) => {
      await stopIn("transaction");
      await tx`update accounts set balance = balance - 10 where name = 'alice'`;
      await tx`update accounts set balance = balance + 10 where name = 'bob'`;
    });
    await step("tell", () => ledger.write("told by the zombie"));
  },
});
await new engine.Worker(sql, { tasks: [transfer], log: () => {} }).tick();
process.exit(0);
