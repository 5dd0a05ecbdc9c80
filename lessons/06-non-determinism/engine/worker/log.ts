/** Returns a log function that prefixes each line with `name`. It never throws, even if `write` throws or rejects. */
export function logger(name: string, write: (line: string) => unknown): (line: string) => void {
  return async (line) => {
    try {
      await write(`${name} ${line}`);
    } catch {
      // A line that cannot be logged must not cost a task its outcome.
    }
  };
}
