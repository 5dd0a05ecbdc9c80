import type { Interruption } from "./interruption.ts";

/** What `run` comes to; rejects with the reason of `abort` if `run` has not ended `graceMs` after it. */
export function untilLeft<T>(run: Promise<T>, abort: Interruption, graceMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const forget = abort.onAbort(() => {
      timer = setTimeout(() => reject(abort.reason), graceMs);
    });
    run.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      forget();
    });
  });
}
