import { say, Timeline } from "shared/console";
import { backendPid, one, pgtyped, type ReservedSql, type Sql } from "shared/database";
import { deleteTask, type readTasks } from "../sql/queries.ts";

/** Runs `story` on two connections, each with its own open transaction. */
export async function race(sql: Sql, story: (a: Racer, b: Racer) => Promise<void>): Promise<void> {
  const timeline = new Timeline("connection A", "connection B");
  const [onA, onB] = [await sql.reserve(), await sql.reserve()];
  try {
    const a = await Racer.begin(onA, (text) => timeline.left(text));
    const b = await Racer.begin(onB, (text) => timeline.right(text));
    await story(a, b);
    say();
  } finally {
    onA.release();
    onB.release();
  }
}

/** A connection that prints what it does in its own column. */
export class Racer {
  readonly #tx: ReservedSql;
  readonly says: (text: string) => void;
  readonly pid: number;
  #taskId = "";

  private constructor(tx: ReservedSql, pid: number, says: (text: string) => void) {
    this.#tx = tx;
    this.pid = pid;
    this.says = says;
  }

  static async begin(tx: ReservedSql, says: (text: string) => void): Promise<Racer> {
    await tx`begin`;
    says("begin");
    return new Racer(tx, await backendPid(tx), says);
  }

  async reads(query: typeof readTasks): Promise<void> {
    this.got(await this.asks(query));
  }

  async asks(query: typeof readTasks): Promise<string> {
    return one(await query.run({ limit: 1 }, pgtyped(this.#tx))).id;
  }

  got(taskId: string): void {
    this.#taskId = taskId;
    this.says(`gets task ${taskId}`);
  }

  async deletesAndCommits(): Promise<void> {
    await deleteTask.run({ id: this.#taskId }, pgtyped(this.#tx));
    await this.#tx`commit`;
    this.says(`deletes task ${this.#taskId}, commits`);
  }

  async commits(): Promise<void> {
    await this.#tx`commit`;
    this.says("commits");
  }
}
