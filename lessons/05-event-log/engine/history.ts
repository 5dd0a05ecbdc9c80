import { isDuplicate, pgtyped, type Queryable, type Sql } from "shared/database";
import type { StoredError } from "shared/values";
import { appendEvent, type call_kind, findEvent, lockTask } from "../sql/queries.ts";
import { untilAnswered } from "./answer.ts";
import { ClaimLostError } from "./errors.ts";

/** A call that a program makes of its context, and its place in the program: 1 for the first call. */
export type Call = { position: number; kind: call_kind; name: string };

/** What has come of an attempt of a call. */
export type CallResult =
  | { status: "succeeded"; output: string }
  | { status: "failed"; error: StoredError }
  | { status: "caught" };

/** An event as a claim brings it. */
export type LoggedEvent = {
  position: number;
  status: CallResult["status"];
  output: unknown;
  error: StoredError | null;
};

/** The event log of a task, as its worker reads and writes it. */
export class History {
  readonly #sql: Sql;
  readonly #claim: { taskId: string; fence: number };
  readonly #abort: AbortController;
  readonly #events = new Map<number, LoggedEvent[]>();

  /** `abort` fires when the log cannot be written: the claim is lost, or Postgres is. */
  constructor(
    sql: Sql,
    claimed: { id: string; fence: number; events: LoggedEvent[] },
    abort: AbortController,
  ) {
    this.#sql = sql;
    this.#claim = { taskId: claimed.id, fence: claimed.fence };
    this.#abort = abort;
    for (const event of claimed.events) {
      const before = this.#events.get(event.position);
      if (before) before.push(event);
      else this.#events.set(event.position, [event]);
    }
  }

  /** What had come of a call before the task was claimed, in order. */
  of({ position }: Call): LoggedEvent[] {
    return this.#events.get(position) ?? [];
  }

  /** Appends an event. Throws if the claim is lost, or if Postgres did not answer for a while. */
  async append(call: Call, attempt: number, result: CallResult): Promise<void> {
    try {
      await untilAnswered(() => this.appendOn(this.#sql, call, attempt, result));
    } catch (error) {
      if (isWritten(error)) return;
      // It may have been written or not. The program must not go on as if it knew.
      this.#abort.abort(error);
      throw error;
    }
  }

  /** Appends an event in the transaction of `tx`. */
  async appendOn(tx: Queryable, call: Call, attempt: number, result: CallResult): Promise<void> {
    const output = result.status === "succeeded" ? result.output : null;
    const error = result.status === "failed" ? JSON.stringify(result.error) : null;
    const { status } = result;
    const event = { ...this.#claim, ...call, attempt, status, output, error };
    const [appended] = await appendEvent.run(event, pgtyped(tx));
    if (!appended) throw this.#lost();
  }

  /**
   * Finds what an earlier transaction of this call has written, if it has committed. Whatever may still be under way
   * has ended when this returns, and nothing is written until `tx` has ended.
   */
  async findOn(
    tx: Queryable,
    { position }: Call,
    attempt: number,
  ): Promise<{ output: unknown } | undefined> {
    const [locked] = await lockTask.run(this.#claim, pgtyped(tx));
    if (!locked) throw this.#lost();
    const { taskId } = this.#claim;
    const event = { taskId, position, attempt, status: "succeeded" } as const;
    const [found] = await findEvent.run(event, pgtyped(tx));
    return found;
  }

  #lost(): ClaimLostError {
    const lost = new ClaimLostError("Another worker has the task by now");
    this.#abort.abort(lost);
    return lost;
  }
}

/** Whether an event is in the log already: an earlier try has written it, and the answer got lost. */
function isWritten(error: unknown): boolean {
  return (
    isDuplicate(error, "a_call_is_settled_once") || isDuplicate(error, "an_attempt_fails_once")
  );
}
