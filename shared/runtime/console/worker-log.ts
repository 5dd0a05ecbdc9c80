import { say } from "./text.ts";

/** What a worker's log calls a task that has ended. */
const END = /^\S+ (?:succeeded|failed|cancelled|expired) .*?task=(\d+)/;

/**
 * Says what workers log. `hasTold` is whether they have told how the task with this id ended: its row has told it a
 * little earlier, when its worker was not done with it.
 */
export function workerLog(): { log(line: string): void; hasTold(id: string): boolean } {
  const ended = new Set<string>();
  return {
    log(line) {
      say(`  ${line}`);
      const [, id] = END.exec(line) ?? [];
      if (id) ended.add(id);
    },
    hasTold: (id) => ended.has(id),
  };
}
