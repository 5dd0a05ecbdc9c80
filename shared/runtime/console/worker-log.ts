import { say } from "./text.ts";

/** Matches the log line for the end of a task, and captures the task's id. */
const END_OF_TASK = /^\S+ (?:succeeded|failed|cancelled|expired) .*?task=(\d+)/;

/**
 * Returns a `log` option for workers, which prints every line, and `hasLoggedEnd`, which tells whether a worker has
 * logged the end of the task with this id. The task's row has its final status slightly before the worker logs it, so
 * a story that waits for the row may miss the last line.
 */
export function workerLog(): { log(line: string): void; hasLoggedEnd(id: string): boolean } {
  const ended = new Set<string>();
  return {
    log(line) {
      say(`  ${line}`);
      const [, id] = END_OF_TASK.exec(line) ?? [];
      if (id) ended.add(id);
    },
    hasLoggedEnd: (id) => ended.has(id),
  };
}
