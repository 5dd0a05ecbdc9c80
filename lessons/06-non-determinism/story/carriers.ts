import { say } from "shared/console";
import type { TaskContext } from "../engine/index.ts";

/** Returns a handler that asks two carriers, and gives the job to the first that answers. Its first booking fails. */
export function hireCarrier(worker: string) {
  let isBusy = true;
  return async (_: null, { step }: Pick<TaskContext, "step">): Promise<string> => {
    let onPromise = () => {};
    const promised = new Promise<void>((resolve) => {
      onPromise = resolve;
    });
    const ask = (carrier: string, answer: Promise<void>) =>
      step(`ask ${carrier}`, async () => {
        await answer;
        say(`  ${worker} hears from ${carrier}`);
        return carrier;
      });
    // North is slow: it answers after the promise to South.
    const north = ask("North", promised);
    const first = await Promise.race([north, ask("South", Promise.resolve())]);
    await step("promise", () => say(`  ${worker} promises the job to ${first}`));
    onPromise();
    await north;
    await step("book", () => {
      if (isBusy) {
        isBusy = false;
        throw new Error("the line is busy");
      }
      say(`  ${worker} books ${first}`);
    });
    return first;
  };
}
