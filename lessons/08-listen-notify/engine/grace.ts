/** What `run` comes to; rejects with the signal's reason if `run` has not ended `graceMs` after it. */
export function untilLeft<T>(run: Promise<T>, signal: AbortSignal, graceMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const leaveSoon = () => {
      timer = setTimeout(() => reject(signal.reason), graceMs);
    };
    if (signal.aborted) leaveSoon();
    else signal.addEventListener("abort", leaveSoon);
    run.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", leaveSoon);
    });
  });
}

/** Returns how many milliseconds of the grace are left when it is asked: all of them until `signal` fires. */
export function graceOn(signal: AbortSignal, graceMs: number): () => number {
  let endsAt = Number.POSITIVE_INFINITY;
  const begin = () => {
    endsAt = performance.now() + graceMs;
  };
  if (signal.aborted) begin();
  else signal.addEventListener("abort", begin, { once: true });
  return () => Math.max(0, Math.min(graceMs, endsAt - performance.now()));
}
