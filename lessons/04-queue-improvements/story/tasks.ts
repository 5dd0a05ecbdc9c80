import { setTimeout as pause } from "node:timers/promises";
import { say } from "shared/console";
import { NonRetryableError, task } from "../engine/index.ts";

const PAGES = 4;

/** Renders one page after the other, and tells how far it is. */
export function render(by: string, onPage: (page: number) => void = () => {}) {
  return task({
    name: "render",
    run: async (document: string) => {
      for (let page = 1; page <= PAGES; page += 1) {
        await pause(80);
        say(`  ${by} rendered page ${page} of ${document}`);
        onPage(page);
      }
      return { pages: PAGES };
    },
  });
}

/** Asks a service that gives no answer to the first three calls. */
export function callFlaky() {
  let calls = 0;
  return task({
    name: "call",
    retry: { maxAttempts: 5, backoffMs: 200 },
    run: () => {
      calls += 1;
      if (calls < 4) throw new Error(`no answer to call ${calls}`);
      return `answered call ${calls}`;
    },
  });
}

/** Tries again what makes no sense to try again, and says so. */
export const charge = task({
  name: "charge",
  retry: { maxAttempts: 5 },
  run: () => {
    throw new NonRetryableError("the card has expired");
  },
});

/** Never ends, whatever its signal says. */
export const hang = task({
  name: "hang",
  timeoutMs: 200,
  run: () => new Promise<void>(() => {}),
});

/** Kills the process that runs it. */
export const poison = task({
  name: "poison",
  retry: { maxAttempts: 2 },
  run: (_: null, { attempt }) => {
    say(`  attempt ${attempt} kills its own process`);
    process.kill(process.pid, "SIGKILL");
    return new Promise<void>(() => {});
  },
});
