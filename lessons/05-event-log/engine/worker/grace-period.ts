/**
 * Runs a handler and returns its result. Gives an aborted handler time to finish: rejects with the signal's reason if
 * `run` has not ended `graceMs` milliseconds after the signal fired.
 */
export function untilGraceEnds<T>(
  run: () => Promise<T> | T,
  signal: AbortSignal,
  graceMs: number,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const startGrace = () => {
      timer = setTimeout(() => reject(signal.reason), graceMs);
    };
    // Before the handler adds a listener of its own, which might stop the event.
    if (signal.aborted) startGrace();
    else signal.addEventListener("abort", startGrace);
    const running = (async () => run())();
    running.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", startGrace);
    });
  });
}
