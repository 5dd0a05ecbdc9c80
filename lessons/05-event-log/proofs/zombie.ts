import { nextMessage, tellParent } from "shared/processes";
import { durableTaskOf } from "shared/testing/durable-task";
import { joinTest } from "shared/testing/join-test";
import type * as Engine from "#engine";
import { calls } from "./calls.ts";

// A worker that claims a transfer, and reports when it has reached its step or its transaction, as the input says. There it
// waits for a message.
const { sql, ledger, engine } = await joinTest<typeof Engine>();
const transfer = durableTaskOf(engine)({
  name: "transfer",
  run: async (stopsIn: string, context) => {
    const { step, transaction } = calls(context, sql);
    const waitIn = async (place: string) => {
      if (place !== stopsIn) return;
      const goOn = nextMessage();
      tellParent(`in its ${place}`);
      await goOn;
    };
    await step("check", async () => {
      await waitIn("step");
      return "by the zombie";
    });
    await transaction("move", async (tx) => {
      await waitIn("transaction");
      await tx`update accounts set balance = balance - 10 where name = 'alice'`;
      await tx`update accounts set balance = balance + 10 where name = 'bob'`;
    });
    await step("tell", () => ledger.write("by the zombie"));
  },
});
await new engine.Worker(sql, { tasks: [transfer], log: () => {} }).tick();
process.exit(0);
