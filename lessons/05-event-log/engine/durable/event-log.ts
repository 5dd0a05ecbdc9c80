import { isNotExecuted, isRefusedRow, type TypedConnection } from "shared/database";
import { messageOf, type StoredError } from "shared/values";
import { appendEvent, type call_kind, type call_status } from "../../sql/queries.ts";
import { ClaimLostError, RunDroppedError } from "../errors.ts";
import type { Lifetime } from "./lifetime.ts";
import { pause } from "./pause.ts";

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

/** A call that a handler makes on its context. */
export type Call = {
  /** 1 for the first call of the handler, 2 for the second. */
  position: number;
  kind: call_kind;
  name: string;
};

/** The result of one attempt of a call: `retried` if the call will be attempted again, `failed` if it will not. */
export type AttemptResult =
  | { status: "succeeded"; output: string; error?: undefined }
  | { status: "failed" | "retried"; output?: undefined; error: StoredError };

/** An event, as far as a run needs it. */
export type LoggedEvent = {
  seq: number;
  position: number;
  attempt: number;
  status: call_status;
  output: unknown;
  error: StoredError | null;
};

/** The event log of a running task. */
export class EventLog {
  readonly taskId: string;
  readonly #db: TypedConnection;
  readonly #fence: number;
  readonly #lifetime: Lifetime;
  readonly #closed = new AbortController();

  /** Ends the run early when it must not go on: the claim is lost, or an event may have been written or not. */
  constructor(db: TypedConnection, claim: { id: string; fence: number }, lifetime: Lifetime) {
    this.#db = db;
    this.taskId = claim.id;
    this.#fence = claim.fence;
    this.#lifetime = lifetime;
  }

  /**
   * Appends an event and returns it. Tries again while Postgres refuses the statement, as when it restarts. Throws
   * if Postgres refuses the values, and whenever the run must not go on.
   */
  append(call: Call, attempt: number, result: AttemptResult): Promise<LoggedEvent> {
    return this.#untilExecuted(call, () => this.appendOn(this.#db, call, attempt, result));
  }

  async #untilExecuted<T>(call: Call, write: () => Promise<T>): Promise<T> {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
      try {
        return await write();
      } catch (error) {
        if (error instanceof ClaimLostError || isRefusedRow(error)) throw error;
        if (!isNotExecuted(error) || this.#closed.signal.aborted) throw this.drop(call, error);
      }
      await pause(waitMs, this.#closed.signal);
    }
  }

  /** Appends an event on a connection, which may be in a transaction. Throws the error of the statement. */
  async appendOn(
    db: TypedConnection,
    call: Call,
    attempt: number,
    { status, output, error }: AttemptResult,
  ): Promise<LoggedEvent> {
    const claim = { taskId: this.taskId, fence: this.#fence };
    const event = { ...claim, ...call, attempt, status, output };
    const [appended] = await appendEvent.run(
      { ...event, error: error && JSON.stringify(error) },
      db,
    );
    if (appended) {
      const { position } = call;
      const { seq } = appended;
      // What later runs will read, this one gets at once.
      const stored = output === undefined ? null : JSON.parse(output);
      return { seq, position, attempt, status, output: stored, error: error ?? null };
    }
    throw this.#lost();
  }

  /** Ends the run, as an event of this call may have been written or not: only the log knows. Returns the reason. */
  drop({ kind, name }: Call, cause: unknown): RunDroppedError {
    const message = `The result of ${kind} "${name}" may not be in the event log: ${messageOf(cause)}`;
    const dropped = new RunDroppedError(message, { cause });
    this.#lifetime.endEarly(dropped);
    return dropped;
  }

  #lost(): ClaimLostError {
    const lost = new ClaimLostError("Another worker has taken the task");
    this.#lifetime.endEarly(lost);
    return lost;
  }

  /** The run has ended: nothing waits for Postgres any more. */
  close(): void {
    this.#closed.abort();
  }
}
