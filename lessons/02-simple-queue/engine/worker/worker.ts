import { setTimeout as sleep } from "node:timers/promises";
import { checkPool, pgtyped, type Sql } from "shared/database";
import { messageOf } from "shared/values";
import { claimTasks } from "../../sql/queries.ts";
import { logger } from "./log.ts";
import { type WorkerOptions, withDefaults } from "./options.ts";
import { runTask } from "./run-task.ts";

/** Claims tasks in batches. All tasks of a batch run at the same time. */
export class Worker {
  readonly #sql: Sql;
  readonly #options: ReturnType<typeof withDefaults>;
  readonly #log: (line: string) => void;
  readonly #stopping = new AbortController();
  #polling: Promise<void> | undefined;

  constructor(sql: Sql, options: WorkerOptions) {
    checkPool(sql);
    this.#sql = sql;
    this.#options = withDefaults(options);
    this.#log = logger(this.#options.name, this.#options.log);
  }

  /**
   * Does one round: claims up to `batchSize` tasks, runs them all at the same time and writes their outcomes. Returns
   * the number of tasks. Throws if the claim fails.
   */
  async tick(): Promise<number> {
    const { batchSize, definitions } = this.#options;
    const claimed = await claimTasks.run({ limit: batchSize }, pgtyped(this.#sql));
    // A crash from here on leaves the tasks `running`, and no worker runs them.
    const options = { sql: this.#sql, definitions, log: this.#log };
    await Promise.all(claimed.map((task) => runTask(task, options)));
    return claimed.length;
  }

  /** Repeats `tick` until `stop`; waits for `pollIntervalMs` when there was nothing to do. */
  start(): void {
    this.#polling ??= this.#poll();
  }

  /** Claims nothing more; resolves when the running tasks have ended. A stopped worker cannot be started again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#polling;
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopping;
    const { pollIntervalMs } = this.#options;
    while (!signal.aborted) {
      const ran = await this.tick().catch((error) => {
        this.#log(`round failed, next in ${pollIntervalMs} ms: ${messageOf(error)}`);
        return 0;
      });
      if (ran === 0) await sleep(pollIntervalMs, undefined, { signal }).catch(() => {});
    }
  }
}
