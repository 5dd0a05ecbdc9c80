import { checkPool, one, pgtyped, type Sql } from "shared/database";
import { messageOf } from "shared/values";
import { claimLimitedTasks, claimTasks, haveLimits } from "../../sql/queries.ts";
import type { ClaimedTask } from "./execute.ts";
import { logger } from "./log.ts";
import { type WorkerOptions, withDefaults } from "./options.ts";
import { Runs } from "./runs.ts";
import { WakeSignal } from "./wake-signal.ts";

// How often a started worker asks whether there are any limits.
const LIMITS_CHECK_MS = 1_000;

// The shortest wait for a key whose limit another worker has locked: a claim takes a few milliseconds.
const SHORTEST_POLL_MS = 5;

/** Claims as many tasks as it has free slots, and runs them at once. */
export class Worker {
  readonly #sql: Sql;
  readonly #options: ReturnType<typeof withDefaults>;
  readonly #log: (line: string) => void;
  readonly #runs: Runs;
  readonly #wakeSignal = new WakeSignal();
  #hasLimits = false;
  #limitsCheckDueAt = 0;
  #limitedFirst = false;
  #isStopping = false;
  #polling: Promise<void> | undefined;

  constructor(sql: Sql, options: WorkerOptions) {
    checkPool(sql);
    this.#sql = sql;
    this.#options = withDefaults(options);
    this.#log = logger(this.#options.name, this.#options.log);
    this.#runs = new Runs(this.#options.slots, {
      sql,
      definitions: this.#options.definitions,
      log: this.#log,
      onEnd: () => this.#wakeSignal.set(),
    });
  }

  /**
   * Does one round: claims tasks, at most `batchSize` of each kind and no more than there are free slots, runs them all
   * at once and writes their outcomes. Returns the number of tasks. Throws if Postgres refuses a claim.
   */
  async tick(): Promise<number> {
    this.#limitsCheckDueAt = 0;
    const started = await this.#round();
    await Promise.all(started);
    return started.length;
  }

  /** Claims and runs tasks until `stop`: as soon as a slot is free, and at least every `pollIntervalMs`. */
  start(): void {
    this.#polling ??= this.#poll();
  }

  /** Claims nothing more; resolves when the running tasks have ended. A stopped worker cannot be started again. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wakeSignal.set();
    await this.#polling;
    await this.#runs.allEnded();
  }

  /** Claims tasks with and without a concurrency key, and starts them. The two kinds take turns going first. */
  async #round(): Promise<Promise<void>[]> {
    await this.#checkLimits();
    if (!this.#hasLimits) return this.#claim(claimTasks);
    const [first, second] = this.#limitedFirst
      ? [claimLimitedTasks, claimTasks]
      : [claimTasks, claimLimitedTasks];
    const started = await this.#claim(first);
    if (started.length > 0) this.#limitedFirst = !this.#limitedFirst;
    return [...started, ...(await this.#claim(second))];
  }

  async #checkLimits(): Promise<void> {
    if (performance.now() < this.#limitsCheckDueAt) return;
    const { hasLimits } = one(await haveLimits.run(undefined, pgtyped(this.#sql)));
    this.#hasLimits = hasLimits;
    this.#limitsCheckDueAt = performance.now() + LIMITS_CHECK_MS;
  }

  /** Starts the tasks that it gets; returns their runs. */
  async #claim(query: typeof claimTasks): Promise<Promise<void>[]> {
    // Taken before the claim is sent: another claim that is sent meanwhile must not use the same slots.
    const limit = this.#runs.takeSlots(this.#options.batchSize);
    if (limit === 0) return [];
    let claimed: ClaimedTask[] = [];
    try {
      claimed = await query.run({ limit }, pgtyped(this.#sql));
    } finally {
      this.#runs.returnSlots(limit - claimed.length);
    }
    // A crash from here on leaves the tasks `running`, and no worker runs them.
    return claimed.map((task) => this.#runs.start(task));
  }

  async #poll(): Promise<void> {
    const { batchSize, pollIntervalMs } = this.#options;
    let waitMs = pollIntervalMs;
    while (!this.#isStopping) {
      const started = await this.#round().catch((error) => {
        this.#log(`round failed, next in ${waitMs} ms: ${messageOf(error)}`);
        return [];
      });
      // After a full batch there may be more.
      if (started.length >= batchSize) continue;
      const wasWoken = await this.#wakeSignal.wait(waitMs);
      // A claim skips a key that another claim has locked; the key may be free again soon.
      const isSoon = wasWoken && this.#hasLimits;
      waitMs = Math.min(isSoon ? SHORTEST_POLL_MS : 2 * waitMs, pollIntervalMs);
    }
  }
}
