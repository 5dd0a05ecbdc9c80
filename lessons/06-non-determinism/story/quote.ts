import { setTimeout as pause } from "node:timers/promises";
import { say } from "shared/console";
import { type TaskContext, task } from "../engine/index.ts";
import type { HalfWay } from "./orders.ts";

/** Asks two carriers, and gives the job to the one that answers first. */
export async function giveJob(
  { step }: Pick<TaskContext, "step">,
  worker: string,
  halfWay: HalfWay = () => {},
): Promise<string> {
  const ask = (carrier: string, ms: number) =>
    step(`ask ${carrier}`, async () => {
      // Stands for the carrier's server.
      await pause(ms);
      say(`  ${worker} hears from ${carrier}`);
      return carrier;
    });
  const north = ask("North", 200);
  const first = await Promise.race([north, ask("South", 10)]);
  await step("promise", () => say(`  ${worker} promises the job to ${first}`));
  await north;
  await step("book", async () => {
    await halfWay();
    say(`  ${worker} books ${first}`);
  });
  return first;
}

/** The same, with a number and a date. */
export function quote(worker: string, halfWay?: HalfWay) {
  return task({
    name: "quote",
    run: async (_: null, context) => {
      const number = await context.uuid();
      const at = await context.now();
      return { number, at, first: await giveJob(context, worker, halfWay) };
    },
  });
}
