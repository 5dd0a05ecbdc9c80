import { pgtyped, type Sql } from "shared/database";
import { wholeNumber } from "shared/values";
import { claimTasks, failTask, succeedTask } from "../sql/queries.ts";
import { Bell } from "./bell.ts";
import { type ClaimedTask, execute, type Outcome } from "./execute.ts";
import type { TaskDefinition } from "./task.ts";

export type WorkerOptions = {
  /** The tasks this worker can run. */
  tasks: TaskDefinition<never, unknown>[];
  /** What its log lines begin with; `worker-` and the process's id if not given. */
  name?: string;
  /** How many tasks it runs at once at most, 1 to 1,000; 10 if not given. */
  slots?: number;
  /** How many tasks one claim takes at most, 1 to 200; 100 if not given. */
  batchSize?: number;
  /** How long a started worker waits after it found nothing; 200 ms if not given. */
  pollIntervalMs?: number;
  /** Receives a line for every transition; `console.log` if not given. */
  log?: (line: string) => void;
};

/** Claims as many tasks as it has slots for, and runs them at once. */
export class Worker {
  readonly #sql: Sql;
  readonly #definitions: Map<string, TaskDefinition<never, unknown>>;
  readonly #name: string;
  readonly #batchSize: number;
  readonly #pollIntervalMs: number;
  readonly #write: (line: string) => void;
  readonly #running = new Set<Promise<void>>();
  readonly #bell = new Bell();
  #freeSlots: number;
  #stopping = false;
  #polling: Promise<void> | undefined;

  constructor(sql: Sql, options: WorkerOptions) {
    this.#sql = sql;
    this.#definitions = byName(options.tasks);
    this.#name = options.name ?? `worker-${process.pid}`;
    this.#freeSlots = wholeNumber("slots", options.slots ?? 10, 1, 1_000);
    this.#batchSize = wholeNumber("batchSize", options.batchSize ?? 100, 1, 200);
    this.#pollIntervalMs = wholeNumber(
      "pollIntervalMs",
      options.pollIntervalMs ?? 200,
      1,
      3_600_000,
    );
    this.#write = options.log ?? console.log;
  }

  /**
   * Claims tasks, at most `batchSize` and no more than there are free slots, runs them all at once and
   * writes their outcomes down; returns how many there were. A handler cannot make it throw; Postgres
   * can, and then an outcome may be lost.
   */
  async tick(): Promise<number> {
    const started = await this.#claim();
    const saved = await Promise.allSettled(started);
    for (const each of saved) {
      if (each.status === "rejected") throw each.reason;
    }
    return started.length;
  }

  /** Claims and runs tasks until `stop`: at once whenever a slot is freed, else every `pollIntervalMs`. */
  start(): void {
    this.#polling ??= this.#poll();
  }

  /** Claims nothing more; returns when the tasks that run have ended. A stopped worker stays stopped. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#bell.ring();
    await this.#polling;
    await Promise.allSettled(this.#running);
  }

  /** Starts the tasks that it gets; returns their runs, which are over when the outcomes are written. */
  async #claim(): Promise<Promise<void>[]> {
    // Taken before we ask: a second claim while this one is under way must not count on the same slots.
    const limit = this.#takeSlots(this.#batchSize);
    if (limit === 0) return [];
    let claimed: ClaimedTask[] = [];
    try {
      claimed = await claimTasks.run({ limit }, pgtyped(this.#sql));
    } finally {
      this.#freeSlots += limit - claimed.length;
    }
    // A crash from here on leaves the tasks `running`, and nobody runs them.
    return claimed.map((task) => this.#track(this.#run(task)));
  }

  #takeSlots(most: number): number {
    const taken = Math.min(most, this.#freeSlots);
    this.#freeSlots -= taken;
    return taken;
  }

  #track(run: Promise<void>): Promise<void> {
    const tracked = run.finally(() => {
      this.#running.delete(tracked);
      this.#freeSlots += 1;
      this.#bell.ring();
    });
    this.#running.add(tracked);
    return tracked;
  }

  async #run(task: ClaimedTask): Promise<void> {
    this.#log(`claimed ${task.name} task=${task.id}`);
    const outcome = await execute(this.#definitions.get(task.name), task);
    await this.#save(task, outcome);
  }

  async #save(task: ClaimedTask, outcome: Outcome): Promise<void> {
    const db = pgtyped(this.#sql);
    if (outcome.status === "succeeded") {
      await succeedTask.run({ id: task.id, output: outcome.output }, db);
      this.#log(`succeeded ${task.name} task=${task.id}`);
    } else {
      await failTask.run({ id: task.id, error: JSON.stringify(outcome.error) }, db);
      this.#log(
        `failed ${task.name} task=${task.id} error=${JSON.stringify(outcome.error.message)}`,
      );
    }
  }

  async #poll(): Promise<void> {
    let waitMs = this.#pollIntervalMs;
    while (!this.#stopping) {
      const started = await this.#claim().catch((error) => {
        this.#log(`claim failed, next in ${waitMs} ms: ${error}`);
        return [];
      });
      for (const run of started) {
        run.catch((error) => this.#log(`lost an outcome: ${error}`));
      }
      // After a full batch there may be more.
      if (started.length === this.#batchSize) continue;
      const hasRung = await this.#bell.wait(waitMs);
      // While there is something to do, a key that was left to another claim may soon be free again.
      waitMs = Math.min(hasRung ? SOON_MS : 2 * waitMs, this.#pollIntervalMs);
    }
  }

  #log(line: string): void {
    try {
      this.#write(`${this.#name} ${line}`);
    } catch {
      // A log that cannot be written must not cost a task its outcome.
    }
  }
}

const SOON_MS = 5;

function byName(definitions: WorkerOptions["tasks"]): Map<string, TaskDefinition<never, unknown>> {
  const known = new Map<string, TaskDefinition<never, unknown>>();
  for (const definition of definitions) {
    if (known.has(definition.name)) {
      throw new Error(`Two tasks are named "${definition.name}"; give one of them another name`);
    }
    known.set(definition.name, definition);
  }
  return known;
}
