import { setTimeout as pause } from "node:timers/promises";
import { say } from "shared/console";
import { task } from "../engine/index.ts";
import type { Stop } from "./orders.ts";

/** Asks two carriers, and takes the one that answers first. */
export function quote(worker: string, stop: Stop = () => {}) {
  const ask = async (carrier: string, ms: number) => {
    // Stands for the carrier's server.
    await pause(ms);
    say(`  ${worker} hears from ${carrier}`);
    return carrier;
  };
  return task({
    name: "quote",
    run: async (_: null, { step, now, uuid }) => {
      const number = await uuid();
      const at = await now();
      const north = step("ask North", () => ask("North", 150));
      const south = step("ask South", () => ask("South", 10));
      const first = await Promise.race([north, south]);
      await north;
      await step("book", async () => {
        await stop();
        say(`  ${worker} books ${first}`);
      });
      return { number, at, first };
    },
  });
}
