import { pgtyped, type Sql, transaction } from "shared/database";
import { claimTasks, deleteTask } from "../sql/queries.ts";
import type { TaskDefinition } from "./task.ts";

export type WorkerOptions = {
  /** The tasks that this worker can run. */
  tasks: TaskDefinition<never, unknown>[];
};

/** Runs tasks one at a time. A claim is a row lock, so it lasts as long as the transaction. */
export class Worker {
  readonly #sql: Sql;
  readonly #definitions: Map<string, TaskDefinition<never, unknown>>;

  constructor(sql: Sql, options: WorkerOptions) {
    this.#sql = sql;
    this.#definitions = new Map(options.tasks.map((definition) => [definition.name, definition]));
  }

  /**
   * Claims the oldest unlocked task, runs it and deletes it, all in one transaction. Returns the number of tasks it
   * ran, 0 or 1. If the handler throws, the transaction is rolled back, and `tick` throws the same error.
   */
  async tick(): Promise<number> {
    return transaction(this.#sql, async (tx) => {
      const [claimed] = await claimTasks.run({ limit: 1 }, pgtyped(tx));
      if (!claimed) return 0;

      const definition = this.#definitions.get(claimed.name);
      if (!definition) throw new Error(`Task "${claimed.name}" is not known to this worker`);

      await definition.run(claimed.input as never);
      // So far its row is only locked. If this process dies now, Postgres unlocks it.
      await deleteTask.run({ id: claimed.id }, pgtyped(tx));
      return 1;
    });
  }
}
