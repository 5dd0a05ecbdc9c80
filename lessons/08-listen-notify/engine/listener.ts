import { randomUUID } from "node:crypto";
import { type Sql, samePool } from "shared/database";
import { soon } from "./answer.ts";

/**
 * Hears when there may be something to claim, or to cancel, on a connection of its own. That may break, or go deaf
 * without a sign; so the worker's heartbeats are announced here too, and one that is not heard of tells that it has.
 */
export class Listener {
  /** Where others call this worker. */
  readonly channel = `worker_${randomUUID()}`;
  readonly #sql: Sql;
  readonly #onCall: (call: string) => void;
  readonly #log: (line: string) => void;
  #pool: Sql | undefined;
  #listensSince = Number.POSITIVE_INFINITY;
  #heardAt = Number.NEGATIVE_INFINITY;
  #check: NodeJS.Timeout | undefined;

  /** `onCall` is given what somebody calls, and an empty call when some may have been missed. */
  constructor(sql: Sql, onCall: (call: string) => void, log: (line: string) => void) {
    this.#sql = sql;
    this.#onCall = onCall;
    this.#log = log;
  }

  /** Listens until `stop`. */
  start(): void {
    const pool = samePool(this.#sql, { max: 1 });
    this.#pool = pool;
    const onNotice = (payload: string) => {
      this.#heardAt = performance.now();
      if (payload !== HEARTBEAT) this.#onCall(payload);
    };
    const onListening = () => {
      if (pool !== this.#pool) return;
      // Has it listened before, the driver has made another connection.
      if (Number.isFinite(this.#listensSince)) this.#log("listens anew: its connection broke");
      this.#listensSince = performance.now();
      this.#onCall("");
    };
    soon(pool.listen(this.channel, onNotice, onListening)).catch((error) =>
      this.#listenAnew(pool, error),
    );
  }

  /** To be called when a heartbeat has been answered; `sentAt` is when it was sent, by `performance.now()`. */
  expectHeartbeat(sentAt: number): void {
    const pool = this.#pool;
    if (!pool || this.#check || this.#listensSince > sentAt) return;
    const check = () => {
      this.#check = undefined;
      // One that was sent while the driver made another connection was sent to nobody.
      if (Math.max(this.#heardAt, this.#listensSince) > sentAt) return;
      this.#listenAnew(pool, "it does not hear of its heartbeats");
    };
    // What has come while something blocked this process is read first.
    this.#check = setTimeout(() => setImmediate(check), DEAF_AFTER_MS);
  }

  async stop(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    clearTimeout(this.#check);
    await pool?.end({ timeout: 0 });
  }

  #listenAnew(pool: Sql, reason: unknown): void {
    if (pool !== this.#pool) return;
    this.#log(`listens anew, and goes on to poll: ${reason}`);
    this.#listensSince = Number.POSITIVE_INFINITY;
    void pool.end({ timeout: 0 });
    clearTimeout(this.#check);
    this.#check = setTimeout(() => {
      this.#check = undefined;
      this.start();
    }, AGAIN_AFTER_MS);
  }
}

/** What a worker's own heartbeat says on its channel. */
const HEARTBEAT = "heartbeat";

/** What is called when one of a worker's tasks was cancelled. Any other call says that there is something to claim. */
export const CANCELLED = "cancelled";

/** Postgres announces a heartbeat when it answers it; a second is for slow networks. */
const DEAF_AFTER_MS = 1_000;
const AGAIN_AFTER_MS = 100;
