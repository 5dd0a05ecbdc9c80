import { one, pgtyped, type Sql } from "shared/database";
import { deleteWorker, heartbeat, insertWorker } from "../sql/queries.ts";
import { soon } from "./answer.ts";

export type Renewal = {
  workerId: string;
  /** The worker was declared dead since the last time, and lives on as a new one. */
  wasLost: boolean;
  /** The ids of the tasks it runs that somebody has cancelled. */
  cancelled: string[];
  /** Whether any task has ended before its children. */
  hasLeftChildren: boolean;
};

/** A worker's row: while its lease is renewed in time, what the worker has claimed is its own. */
export class Lease {
  readonly #sql: Sql;
  readonly #name: string;
  readonly #names: string[];
  readonly #leaseMs: number;
  #workerId: string | undefined;
  #endsAt = Number.POSITIVE_INFINITY;

  /** `names` are those of the tasks that the worker knows. */
  constructor(sql: Sql, name: string, names: string[], leaseMs: number) {
    this.#sql = sql;
    this.#name = name;
    this.#names = names;
    this.#leaseMs = leaseMs;
  }

  /** Undefined until the first renewal. */
  get workerId(): string | undefined {
    return this.#workerId;
  }

  /** How many milliseconds are left of it, by this process's clock; the database's says when it is over. */
  get leftMs(): number {
    return Math.min(this.#leaseMs, this.#endsAt - performance.now());
  }

  /**
   * Moves the end of the lease ahead; registers a worker that has none yet, or has lost it. Others may call it on
   * `channel`, if it listens.
   */
  async renew(channel: string | null): Promise<Renewal> {
    const db = pgtyped(this.#sql);
    const lost = this.#workerId;
    const leaseMs = this.#leaseMs;
    const endsAt = performance.now() + this.#leaseMs;
    if (lost !== undefined) {
      const [alive] = await soon(heartbeat.run({ workerId: lost, leaseMs, channel }, db));
      if (alive) {
        this.#endsAt = endsAt;
        return { workerId: lost, wasLost: false, ...alive };
      }
    }
    const worker = { name: this.#name, names: this.#names, leaseMs, channel };
    const { id } = one(await soon(insertWorker.run(worker, db)));
    this.#workerId = id;
    this.#endsAt = endsAt;
    const wasLost = lost !== undefined;
    return { workerId: id, wasLost, cancelled: [], hasLeftChildren: false };
  }

  /** Gives the lease back. Throws if the worker still runs something, by the table. */
  async end(): Promise<void> {
    const workerId = this.#workerId;
    this.#workerId = undefined;
    if (workerId !== undefined) await deleteWorker.run({ workerId }, pgtyped(this.#sql));
  }
}
