import type { Ledger } from "shared/processes";
import { durableTask, task } from "../engine/index.ts";

/** Prints a photo, or throws. */
export type Printer = (photo: string, signal: AbortSignal) => Promise<void> | void;

/** Returns a task that prints an album, with a child for each page, and a child of that for each print. */
export function albumTasks(ledger: Ledger, printer: Printer) {
  const print = task({
    name: "print",
    run: async (photo: string, { signal }) => {
      await printer(photo, signal);
      ledger.write(`print ${photo}`);
    },
  });
  const page = durableTask({
    name: "page",
    run: async (photo: string, { step, run }) => {
      await step("crop", () => ledger.write(`crop ${photo}`));
      await run(print, photo);
    },
  });
  const album = durableTask({
    name: "album",
    run: async (photos: string[], { step, run }) => {
      await step("choose", () => ledger.write("choose"));
      for (const photo of photos) await run(page, photo);
      await step("bind", () => ledger.write("bind"));
    },
  });
  return { album, tasks: [album, page, print] };
}
