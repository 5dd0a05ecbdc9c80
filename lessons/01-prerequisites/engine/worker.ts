import { pgtyped, type Sql, transaction } from "shared/database";
import { claimTasks, deleteTask } from "../sql/queries.ts";
import type { TaskDefinition } from "./task.ts";

export type WorkerOptions = {
  /** The tasks this worker can run. */
  tasks: TaskDefinition<never, unknown>[];
};

/** Runs tasks one at a time. Its claim is a row lock, so it lasts exactly as long as a transaction. */
export class Worker {
  readonly #sql: Sql;
  readonly #definitions: Map<string, TaskDefinition<never, unknown>>;

  constructor(sql: Sql, options: WorkerOptions) {
    this.#sql = sql;
    this.#definitions = new Map(options.tasks.map((definition) => [definition.name, definition]));
  }

  /**
   * Claims the oldest free task, runs it and deletes it, all in one transaction; returns how many it
   * ran, 1 or 0. If the handler throws, the transaction rolls back and `tick` throws what it threw.
   */
  async tick(): Promise<number> {
    return transaction(this.#sql, async (tx) => {
      const [claimed] = await claimTasks.run({ limit: 1 }, pgtyped(tx));
      if (!claimed) return 0;

      const definition = this.#definitions.get(claimed.name);
      if (!definition) throw new Error(`Task "${claimed.name}" is not known to this worker`);

      await definition.run(claimed.input as never);
      // A crash before the commit brings the task back: its row was only locked, never changed.
      await deleteTask.run({ id: claimed.id }, pgtyped(tx));
      return 1;
    });
  }
}
