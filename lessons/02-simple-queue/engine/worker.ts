import { setTimeout as sleep } from "node:timers/promises";
import { pgtyped, type Sql } from "shared/database";
import { wholeNumber } from "shared/values";
import { claimTasks, failTask, succeedTask } from "../sql/queries.ts";
import { type ClaimedTask, execute, type Outcome } from "./execute.ts";
import type { TaskDefinition } from "./task.ts";

export type WorkerOptions = {
  /** The tasks this worker can run. */
  tasks: TaskDefinition<never, unknown>[];
  /** What its log lines begin with; `worker-` and the process's id if not given. */
  name?: string;
  /** How many tasks one claim takes at most, 1 to 200; 100 if not given. */
  batchSize?: number;
  /** How long a started worker waits after it found nothing; 200 ms if not given. */
  pollIntervalMs?: number;
  /** Receives a line for every transition; `console.log` if not given. */
  log?: (line: string) => void;
};

/** Claims tasks and runs all that it claimed at once. */
export class Worker {
  readonly #sql: Sql;
  readonly #definitions: Map<string, TaskDefinition<never, unknown>>;
  readonly #name: string;
  readonly #batchSize: number;
  readonly #pollIntervalMs: number;
  readonly #write: (line: string) => void;
  readonly #stopping = new AbortController();
  #polling: Promise<void> | undefined;

  constructor(sql: Sql, options: WorkerOptions) {
    this.#sql = sql;
    this.#definitions = byName(options.tasks);
    this.#name = options.name ?? `worker-${process.pid}`;
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
   * Claims up to `batchSize` tasks, runs them all at once and writes their outcomes down; returns how
   * many there were. A handler cannot make it throw; Postgres can, and then an outcome may be lost.
   */
  async tick(): Promise<number> {
    const claimed = await claimTasks.run({ limit: this.#batchSize }, pgtyped(this.#sql));
    // A crash from here on leaves the tasks `running`, and nobody runs them.
    const saved = await Promise.allSettled(claimed.map((task) => this.#run(task)));
    for (const each of saved) {
      if (each.status === "rejected") throw each.reason;
    }
    return claimed.length;
  }

  /** Repeats `tick` until `stop`; waits `pollIntervalMs` whenever there was nothing to do. */
  start(): void {
    this.#polling ??= this.#poll();
  }

  /** Claims nothing more; returns when the tasks that run have ended. A stopped worker stays stopped. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#polling;
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
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const ran = await this.tick().catch((error) => {
        this.#log(`round failed, next in ${this.#pollIntervalMs} ms: ${error}`);
        return 0;
      });
      if (ran === 0) await sleep(this.#pollIntervalMs, undefined, { signal }).catch(() => {});
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
