import { once, setMaxListeners } from "node:events";
import {
  checkPool,
  limitTransactions,
  pgtyped,
  type Sql,
  type TypedConnection,
} from "shared/database";
import { messageOf } from "shared/values";
import { claimLimitedTasks, claimTasks, deleteWorker } from "../../sql/queries.ts";
import type { ClaimedTask } from "./execute.ts";
import { extendLease, type Heartbeat } from "./lease.ts";
import { logger } from "./log.ts";
import { milliseconds, type WorkerOptions, withDefaults } from "./options.ts";
import { Runs } from "./runs.ts";
import { upkeep } from "./upkeep.ts";
import { WakeSignal } from "./wake-signal.ts";

// The shortest wait for a key whose limit another worker has locked: a claim takes a few milliseconds.
const SHORTEST_POLL_MS = 5;

// How long a worker that stops waits for the replies to its last statements.
const LAST_REPLIES_MS = 3_000;

/**
 * Claims as many tasks as it has free slots, and runs them at once. Give it a pool of its own: handlers that use all
 * connections would delay its heartbeats.
 */
export class Worker {
  readonly #db: TypedConnection;
  readonly #options: ReturnType<typeof withDefaults>;
  readonly #log: (line: string) => void;
  readonly #runs: Runs;
  readonly #wakeSignal = new WakeSignal();
  readonly #givenUp = new AbortController();
  #isStopping = false;
  #upkeepDueAt = 0;
  #limitedFirst = false;
  #beat: Heartbeat | undefined;
  #lastRound: Promise<unknown> = Promise.resolve();
  #polling: Promise<void> | undefined;

  constructor(sql: Sql, options: WorkerOptions) {
    checkPool(sql);
    this.#options = withDefaults(options);
    // After a quarter of a lease without a reply there is still time for a heartbeat on another connection.
    this.#db = pgtyped(sql, { replyTimeoutMs: this.#options.leaseMs / 4 });
    this.#log = logger(this.#options.name, this.#options.log);
    // Each outcome that waits to be written listens to it.
    setMaxListeners(0, this.#givenUp.signal);
    this.#runs = new Runs(this.#options.slots, {
      db: this.#db,
      // Of a pool of three or more connections, two are left for the worker itself.
      transaction: limitTransactions(sql, Math.max(1, sql.options.max - 2)),
      definitions: this.#options.definitions,
      graceMs: this.#options.graceMs,
      stallMs: this.#options.stallMs,
      log: this.#log,
      givenUp: this.#givenUp.signal,
      onEnd: () => this.#wakeSignal.set(),
    });
  }

  /**
   * Does one round: extends the lease, requeues the tasks of lost workers, claims tasks, at most `batchSize` of each
   * kind and no more than there are free slots, runs them all at once and writes their outcomes. Returns the number of
   * tasks. Throws if Postgres refuses the upkeep or a claim.
   */
  async tick(): Promise<number> {
    this.#upkeepDueAt = 0;
    const started = await this.#round();
    await Promise.all(started);
    return started.length;
  }

  /**
   * Claims and runs tasks until `stop`: as soon as a slot is free, and at least every `pollIntervalMs`. The first limit of
   * a concurrency key is noticed with the next heartbeat.
   */
  start(): void {
    this.#polling ??= this.#poll();
  }

  /**
   * Claims no more tasks; resolves when the running tasks have ended. After `deadlineMs` milliseconds, their signals fire;
   * those that do not end in the grace period return to the queue. Default: 20,000 ms. If Postgres does not reply, it
   * resolves 3 s later, and other workers take the tasks when the lease has expired. A stopped worker cannot be restarted.
   */
  async stop({ deadlineMs = 20_000 }: { deadlineMs?: number } = {}): Promise<void> {
    milliseconds("deadlineMs", deadlineMs, 0);
    this.#isStopping = true;
    this.#wakeSignal.set();
    if (this.#runs.count > 0) this.#log(`stopping, waits for running=${this.#runs.count}`);
    const lastMs = deadlineMs + this.#options.graceMs + LAST_REPLIES_MS;
    const deadline = setTimeout(() => this.#runs.stop(), deadlineMs);
    const last = setTimeout(() => this.#givenUp.abort(), lastMs);
    const givenUp = this.#givenUp.signal;
    if (!givenUp.aborted) await Promise.race([this.#drain(), once(givenUp, "abort")]);
    clearTimeout(deadline);
    clearTimeout(last);
    if (givenUp.aborted) this.#log("stopped without a reply from Postgres");
  }

  async #drain(): Promise<void> {
    await this.#polling;
    await this.#lastRound;
    await this.#runs.allEnded();
    if (!this.#beat) return;
    // The last round has failed; if its claim got no reply, the tasks go back.
    if (this.#upkeepDueAt === 0) await this.#upkeep().catch(() => {});
    await deleteWorker.run(this.#beat, this.#db).catch((error) => {
      this.#log(`could not end its lease, which will expire: ${messageOf(error)}`);
    });
  }

  /** One at a time: upkeep compares the table with the runs of this process, and a claim changes both. */
  #round(): Promise<Promise<void>[]> {
    const round = this.#lastRound.then(async () => {
      if (this.#isStopping && this.#runs.count === 0) return [];
      const now = performance.now();
      if (now >= this.#upkeepDueAt) {
        await this.#upkeep();
        this.#upkeepDueAt = now + this.#options.heartbeatIntervalMs;
      }
      return this.#isStopping || !this.#beat ? [] : this.#claimBoth(this.#beat);
    });
    this.#lastRound = round.catch(() => {
      // The lease may have expired, so the next round begins with upkeep.
      this.#upkeepDueAt = 0;
    });
    return round;
  }

  async #upkeep(): Promise<void> {
    const worker = { ...this.#options, workerId: this.#beat?.workerId };
    this.#beat = await extendLease(this.#db, worker);
    await upkeep(this.#db, this.#beat, { runs: this.#runs, log: this.#log });
  }

  /** Claims tasks with and without a concurrency key, and starts them. The two kinds take turns going first. */
  async #claimBoth(beat: Heartbeat): Promise<Promise<void>[]> {
    if (!beat.hasLimits) return this.#claim(claimTasks, beat);
    const [first, second] = this.#limitedFirst
      ? [claimLimitedTasks, claimTasks]
      : [claimTasks, claimLimitedTasks];
    const started = await this.#claim(first, beat);
    if (started.length > 0) this.#limitedFirst = !this.#limitedFirst;
    return [...started, ...(await this.#claim(second, beat))];
  }

  /** Starts the tasks that it gets; returns their runs. */
  async #claim(query: typeof claimTasks, { workerId }: Heartbeat): Promise<Promise<void>[]> {
    const { queue, definitions, batchSize } = this.#options;
    // Taken before the claim is sent: another claim that is sent meanwhile must not use the same slots.
    const limit = this.#isStopping ? 0 : this.#runs.takeSlots(batchSize);
    if (limit === 0) return [];
    let claimed: ClaimedTask[] = [];
    try {
      const names = [...definitions.keys()];
      claimed = await query.run({ workerId, queue, names, limit }, this.#db);
    } finally {
      this.#runs.returnSlots(limit - claimed.length);
    }
    // A crash from here on leaves the tasks `running` until another worker reclaims them.
    return claimed.map((task) => this.#runs.start(task));
  }

  async #poll(): Promise<void> {
    const { batchSize, pollIntervalMs, heartbeatIntervalMs } = this.#options;
    let waitMs = pollIntervalMs;
    while (!this.#isStopping || this.#runs.count > 0) {
      const started = await this.#round().catch((error) => {
        this.#log(`round failed, next in ${waitMs} ms: ${messageOf(error)}`);
        return undefined;
      });
      // After a full batch there may be more.
      if (started && started.length >= batchSize) continue;
      const untilUpkeepMs = started
        ? Math.max(0, this.#upkeepDueAt - performance.now())
        : heartbeatIntervalMs;
      const wasWoken = await this.#wakeSignal.wait(Math.min(waitMs, untilUpkeepMs));
      // A claim skips a key that another claim has locked; the key may be free again soon.
      const isSoon = wasWoken && this.#beat?.hasLimits;
      waitMs = Math.min(isSoon ? SHORTEST_POLL_MS : 2 * waitMs, pollIntervalMs);
    }
  }
}
