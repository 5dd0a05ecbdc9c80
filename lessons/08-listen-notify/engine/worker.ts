import { setTimeout as sleep } from "node:timers/promises";
import { answers, checkPool, pgtyped, type Queryable, type Sql } from "shared/database";
import { checkKey, type StoredError, wholeNumber } from "shared/values";
import { abandonChildren, claimTasks, expireTasks, reclaimTasks } from "../sql/queries.ts";
import { soon } from "./answer.ts";
import { Bell } from "./bell.ts";
import { CancelledError, ClaimLostError, WorkerStoppedError } from "./errors.ts";
import { type ClaimedTask, execute, type Outcome } from "./execute.ts";
import type { LoggedEvent } from "./history.ts";
import { Interruption } from "./interruption.ts";
import { Lease } from "./lease.ts";
import { CANCELLED, Listener } from "./listener.ts";
import { save } from "./outcome.ts";
import { Semaphore } from "./semaphore.ts";
import type { TaskDefinition } from "./task.ts";
import { Writes } from "./writes.ts";

export type WorkerOptions = {
  /** The tasks this worker can run; it claims no others. */
  tasks: TaskDefinition<never, unknown>[];
  /** What its log lines begin with; `worker-` and the process's id if not given. */
  name?: string;
  /** How many tasks it runs at once at most, 1 to 1,000; 10 if not given. */
  slots?: number;
  /** How many tasks one claim takes at most, 1 to 1,000; 100 if not given. */
  batchSize?: number;
  /** How long a started worker waits after it found nothing; 200 ms if not given. */
  pollIntervalMs?: number;
  /** How often a started worker shows that it is alive; 3,000 ms if not given. */
  heartbeatIntervalMs?: number;
  /** How long it counts as alive after it was last heard of, two heartbeats at least; 15,000 ms if not given. */
  leaseMs?: number;
  /** How long a handler may go on after its signal fired before it loses its slot; 5,000 ms if not given. */
  graceMs?: number;
  /** Receives a line for every transition; `console.log` if not given. */
  log?: (line: string) => unknown;
};

/** A connection on which so many slots are just being freed. */
type Behind = { connection: Queryable; freed: number };

type Run = {
  task: ClaimedTask;
  abort: Interruption;
  /** Settles when the outcome is written; rejects if it could not be. */
  ended: Promise<void>;
};

/**
 * Claims as many tasks as it has slots for, and runs them at once. The pool should be its own: handlers
 * that use up all connections would keep its heartbeats waiting. It should plan once, as the tables grow.
 */
export class Worker {
  readonly #sql: Sql;
  readonly #definitions: Map<string, TaskDefinition<never, unknown>>;
  readonly #name: string;
  readonly #batchSize: number;
  readonly #pollIntervalMs: number;
  readonly #heartbeatIntervalMs: number;
  readonly #graceMs: number;
  readonly #write: (line: string) => unknown;
  readonly #lease: Lease;
  readonly #listener: Listener;
  readonly #writes: Writes;
  readonly #transactions: Semaphore;
  readonly #running = new Set<Run>();
  readonly #unsaved = new Set<string>();
  readonly #bell = new Bell();
  #names: string[];
  #freeSlots: number;
  #turn: Promise<unknown> = Promise.resolve();
  #roundsUnderWay = 0;
  #upkeepAt = 0;
  #upkeepDueAt = 0;
  #stopping = false;
  #isOverdue = false;
  #polling: Promise<void> | undefined;

  constructor(sql: Sql, options: WorkerOptions) {
    checkPool(sql);
    this.#sql = sql;
    this.#definitions = byName(options.tasks);
    this.#names = [...this.#definitions.keys()];
    this.#name = options.name ?? `worker-${process.pid}`;
    checkKey(this.#name, "name");
    this.#freeSlots = wholeNumber("slots", options.slots ?? 10, 1, 1_000);
    this.#batchSize = wholeNumber("batchSize", options.batchSize ?? 100, 1, 1_000);
    this.#pollIntervalMs = milliseconds("pollIntervalMs", options.pollIntervalMs ?? 200);
    const heartbeatIntervalMs = options.heartbeatIntervalMs ?? 3_000;
    this.#heartbeatIntervalMs = milliseconds("heartbeatIntervalMs", heartbeatIntervalMs);
    this.#graceMs = milliseconds("graceMs", options.graceMs ?? 5_000, 0);
    const leaseMs = milliseconds("leaseMs", options.leaseMs ?? 15_000, 2 * heartbeatIntervalMs);
    this.#lease = new Lease(sql, this.#name, this.#names, leaseMs);
    const onCall = (call: string) => {
      if (call === CANCELLED) {
        // Which tasks were, a heartbeat tells; it comes soon, but not for each of many.
        this.#upkeepDueAt = Math.min(this.#upkeepDueAt, this.#upkeepAt + UPKEEP_APART_MS);
      }
      this.#bell.ring();
    };
    this.#listener = new Listener(sql, onCall, (line) => this.#log(line));
    // However many handlers have a transaction open, and however much of what groups have left out waits for its row, a
    // pool of three or more has a connection left for the worker itself.
    const { max } = sql.options;
    const apart = Math.max(1, Math.floor(max / 3));
    this.#transactions = new Semaphore(Math.max(1, max - apart - 1));
    this.#writes = new Writes(sql, apart, (connection, freed) =>
      this.#claimBehind(connection, freed),
    );
    this.#write = options.log ?? console.log;
  }

  /**
   * One round: shows that it is alive, takes tasks from workers that are not, claims tasks, at most
   * `batchSize` and no more than there are free slots, runs them all at once and writes their outcomes down;
   * returns how many it ran. A handler cannot make it throw; Postgres can.
   */
  async tick(): Promise<number> {
    this.#upkeepDueAt = 0;
    const started = await this.#round();
    const saved = await Promise.allSettled(started.map(({ ended }) => ended));
    for (const each of saved) {
      if (each.status === "rejected") throw each.reason;
    }
    return started.length;
  }

  /**
   * Claims and runs tasks until `stop`: at once whenever a slot is freed or somebody has queued a task, and every
   * `pollIntervalMs` in any case.
   */
  start(): void {
    if (this.#polling || this.#stopping) return;
    this.#listener.start();
    // The next round tells others where to call it.
    this.#upkeepDueAt = 0;
    this.#polling = this.#poll();
  }

  /**
   * Claims nothing more; returns when the tasks that run have ended, or when `deadlineMs` milliseconds are
   * over, their signals have fired and they were handed back. A stopped worker stays stopped. Without an answer
   * from Postgres it returns a few seconds after the deadline, and others reclaim its tasks later.
   */
  async stop({ deadlineMs = 20_000 }: { deadlineMs?: number } = {}): Promise<void> {
    milliseconds("deadlineMs", deadlineMs, 0);
    this.#stopping = true;
    // The next round tells others not to call it any more.
    this.#upkeepDueAt = 0;
    if (this.#running.size > 0) this.#log(`stopping, waits for running=${this.#running.size}`);
    this.#bell.ring();
    const deadline = setTimeout(() => {
      this.#isOverdue = true;
      this.#abort(overdue());
    }, deadlineMs);
    const unheard = new AbortController();
    const lastMs = deadlineMs + this.#graceMs + LAST_WORDS_MS;
    const givenUp = sleep(lastMs, true, unheard).catch(() => false);
    if (await Promise.race([givenUp, this.#drain()])) {
      this.#log("stopped unheard: Postgres does not answer, and its lease ends by itself");
    }
    clearTimeout(deadline);
    unheard.abort();
  }

  async #drain(): Promise<void> {
    await this.#listener.stop();
    await this.#polling;
    await this.#turn;
    await Promise.allSettled([...this.#running].map(({ ended }) => ended));
    await this.#lease.end().catch((error) => {
      this.#log(`left its lease to end by itself: ${error}`);
    });
  }

  /** One at a time: upkeep compares the table with what runs here, and a claim would come in between. */
  #round(behind?: Behind): Promise<Run[]> {
    this.#roundsUnderWay += 1;
    const round = this.#turn.then(async () => {
      if (this.#stopping && this.#running.size === 0) return [];
      if (!behind && performance.now() >= this.#upkeepDueAt) await this.#upkeep();
      return this.#stopping ? [] : this.#claim(behind);
    });
    this.#turn = round.catch(() => {
      // We may have been declared dead: whoever is next asks first.
      this.#upkeepDueAt = 0;
    });
    void this.#turn.then(() => {
      this.#roundsUnderWay -= 1;
    });
    return this.#beforeLeaseEnds(round);
  }

  /** Claims tasks for slots that are just being freed, behind the statement that ends what ran there. */
  async #claimBehind(connection: Queryable, freed: number): Promise<void> {
    // A claim that had to wait for another round, or for upkeep, would hold the connection meanwhile.
    if (!this.#polling || this.#roundsUnderWay > 0) return;
    if (performance.now() >= this.#upkeepDueAt) return;
    const round = this.#round({ connection, freed }).catch(async (error) => {
      this.#log(`claim failed, next at once: ${error}`);
      // What it has claimed all the same, the next upkeep takes back.
      this.#bell.ring();
      // Until it answers, the connection is of no use to others.
      await answers(connection);
      return [];
    });
    this.#watch(await round);
  }

  /** A connection may hang. Once the lease has ended without an answer, others may run what runs here. */
  async #beforeLeaseEnds<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      const giveUp = () => {
        const error = new ClaimLostError("Postgres has not answered before the lease ended");
        this.#abort(error);
        reject(error);
      };
      timer = setTimeout(giveUp, Math.max(this.#lease.leftMs, this.#heartbeatIntervalMs));
    });
    return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
  }

  async #upkeep(): Promise<void> {
    this.#upkeepAt = performance.now();
    this.#upkeepDueAt = this.#upkeepAt + this.#heartbeatIntervalMs;
    const isListening = this.#polling && !this.#stopping;
    const { workerId, wasLost, cancelled, hasLeftChildren } = await this.#lease.renew(
      isListening ? this.#listener.channel : null,
    );
    this.#listener.expectHeartbeat(this.#upkeepAt);
    if (wasLost) {
      this.#log("was declared dead; it stops what it ran and has registered anew");
      this.#abort(new ClaimLostError("The worker was declared dead"));
    }
    this.#abort(new CancelledError("The task was cancelled"), cancelled);

    const db = pgtyped(this.#sql);
    const running = [...this.#running].map(({ task }) => task.id);
    const unsaved = [...this.#unsaved];
    // Never given up: if it were carried out late, it would take what has been claimed meanwhile.
    for (const task of await reclaimTasks.run({ workerId, running, unsaved }, db)) {
      this.#unsaved.delete(task.id);
      const become = task.status === "queued" ? "reclaimed" : task.status;
      this.#log(`${become} ${describe(task)}${because(task.message)}`);
    }
    const hasMoreChildren = hasLeftChildren && (await this.#abandon());
    const expired = await soon(expireTasks.run({ limit: EXPIRED_AT_ONCE }, db));
    for (const task of expired) this.#log(`expired ${describe(task)}${because(task.message)}`);
    if (hasMoreChildren || expired.length === EXPIRED_AT_ONCE) this.#upkeepDueAt = 0;
  }

  /** Cancels what tasks that have ended left behind, and what that leaves behind; returns whether there is more. */
  async #abandon(): Promise<boolean> {
    const limit = ABANDONED_AT_ONCE;
    for (;;) {
      const abandoned = await soon(abandonChildren.run({ limit }, pgtyped(this.#sql)));
      for (const task of abandoned) {
        this.#log(`abandoned ${describe(task)}: its parent has ended, task=${task.parentId}`);
      }
      // Of very many the lease would not outlast the end.
      if (abandoned.length === 0 || abandoned.length === limit) return abandoned.length > 0;
    }
  }

  /** Starts the tasks that it gets. */
  async #claim(
    { connection, freed }: Behind = { connection: this.#sql, freed: 0 },
  ): Promise<Run[]> {
    const { workerId } = this.#lease;
    if (workerId === undefined) return [];
    // Taken before we ask: a second claim while this one is under way must not count on the same slots.
    const limit = this.#takeSlots(this.#batchSize, freed);
    if (limit === 0) return [];
    const names = this.#names;
    // The names take turns at being the first.
    this.#names = [...names.slice(1), ...names.slice(0, 1)];
    let claimed: ClaimedTask[] = [];
    try {
      const answer = await soon(claimTasks.run({ workerId, names, limit }, pgtyped(connection)));
      // After a freeze, say. What it does not start, the next upkeep takes back.
      if (this.#lease.leftMs < 0) throw new ClaimLostError("A claim's answer came after the lease");
      claimed = answer.map((task) => ({ ...task, events: (task.events ?? []) as LoggedEvent[] }));
    } finally {
      this.#freeSlots += limit - claimed.length;
    }
    // A crash from here on leaves the tasks `running` until somebody reclaims them.
    return claimed.map((task) => this.#track(task));
  }

  #takeSlots(most: number, freed: number): number {
    // Slots that are just being freed may be taken already: then there are fewer than none.
    const taken = Math.max(0, Math.min(most, this.#freeSlots + freed));
    this.#freeSlots -= taken;
    return taken;
  }

  #track(task: ClaimedTask): Run {
    const abort = new Interruption();
    // The answer to a claim may come after the deadline of a stop.
    if (this.#isOverdue) abort.abort(overdue());
    const run: Run = {
      task,
      abort,
      ended: this.#run(task, abort).finally(() => {
        this.#running.delete(run);
        this.#freeSlots += 1;
        this.#bell.ring();
      }),
    };
    // Whoever waits for it sees the error too; if nobody does, it is no crash.
    run.ended.catch(() => this.#unsaved.add(task.id));
    this.#running.add(run);
    return run;
  }

  async #run(task: ClaimedTask, abort: Interruption): Promise<void> {
    this.#log(`claimed ${describe(task)}`);
    const definition = this.#definitions.get(task.name) as TaskDefinition<never, unknown>;
    const outcome = await execute(definition, task, {
      sql: this.#sql,
      writes: this.#writes,
      transactions: this.#transactions,
      abort,
      graceMs: this.#graceMs,
    });
    const status = await save({ sql: this.#sql, writes: this.#writes }, task, outcome);
    this.#log(`${status} ${describe(task)}${status === outcome.status ? details(outcome) : ""}`);
  }

  async #poll(): Promise<void> {
    let waitMs = this.#pollIntervalMs;
    while (!this.#stopping || this.#running.size > 0 || this.#roundsUnderWay > 0) {
      let hasFailed = false;
      const started = await this.#round().catch((error) => {
        this.#log(`round failed, next in ${waitMs} ms: ${error}`);
        if (this.#lease.leftMs < 0) this.#abort(new ClaimLostError("The lease ended unrenewed"));
        hasFailed = true;
        return [];
      });
      this.#watch(started);
      // After a full batch there may be more.
      if (started.length === this.#batchSize) continue;
      const untilUpkeepMs = hasFailed
        ? this.#heartbeatIntervalMs
        : Math.max(0, this.#upkeepDueAt - performance.now());
      const hasRung = await this.#bell.wait(Math.min(waitMs, untilUpkeepMs));
      // While there is something to do, a key that was left to another claim may soon be free again.
      waitMs = Math.min(hasRung ? SOON_MS : 2 * waitMs, this.#pollIntervalMs);
    }
  }

  #watch(started: Run[]): void {
    for (const { task, ended } of started) {
      ended.catch((error) => this.#log(`lost the outcome of ${describe(task)}: ${error}`));
    }
  }

  /** Fires the signals of the tasks with these ids, or of all. */
  #abort(reason: Error, ids?: string[]): void {
    for (const { task, abort } of this.#running) {
      if (ids === undefined || ids.includes(task.id)) abort.abort(reason);
    }
  }

  /** Never rejects, even if the log function throws or rejects. */
  async #log(line: string): Promise<void> {
    try {
      await this.#write(`${this.#name} ${line}`);
    } catch {
      // A line that cannot be logged must not cost a task its outcome.
    }
  }
}

const SOON_MS = 5;
const UPKEEP_APART_MS = 100;
const LAST_WORDS_MS = 3_000;
const EXPIRED_AT_ONCE = 1_000;
const ABANDONED_AT_ONCE = 1_000;

function overdue(): WorkerStoppedError {
  return new WorkerStoppedError("The worker stops, and its deadline is over");
}

function describe(task: { id: string; name: string; attempt?: number }): string {
  const attempt = (task.attempt ?? 1) > 1 ? ` attempt=${task.attempt}` : "";
  return `${task.name} task=${task.id}${attempt}`;
}

function details(outcome: Outcome): string {
  if (outcome.status === "failed") return because(headline(outcome.error));
  if (outcome.status !== "retried") return "";
  return ` in ${outcome.delayMs} ms${because(outcome.error.message)}`;
}

/** Of a report of many lines the first one; the others are in the task's row. */
function headline({ name, message }: StoredError): string {
  return name === "NonDeterminismError" ? (message.split("\n")[0] ?? "") : message;
}

function because(message: string): string {
  return ` error=${JSON.stringify(message)}`;
}

function milliseconds(option: string, value: number, from = 1): number {
  return wholeNumber(option, value, from, 3_600_000);
}

function byName(definitions: WorkerOptions["tasks"]): Map<string, TaskDefinition<never, unknown>> {
  const known = new Map<string, TaskDefinition<never, unknown>>();
  for (const definition of definitions) {
    checkKey(definition.name, "name");
    if (known.has(definition.name)) {
      throw new Error(`Two tasks are named "${definition.name}"; give one of them another name`);
    }
    known.set(definition.name, definition);
  }
  return known;
}
