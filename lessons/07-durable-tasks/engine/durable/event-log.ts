import { isNotExecuted, isRefusedRow, type TypedConnection } from "shared/database";
import { messageOf, type StoredError } from "shared/values";
import {
  appendEvent,
  type call_kind,
  type call_status,
  resumeChild,
  startChild,
  suspendTask,
} from "../../sql/queries.ts";
import { ClaimLostError, RunDroppedError } from "../errors.ts";
import type { ChildOptions } from "../task.ts";
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
  /** Null if the call has no input. */
  inputHash: string | null;
};

/** The result of one attempt of a call: `retried` if the call will be attempted again, `failed` if it will not. */
export type AttemptResult =
  | { status: "succeeded"; output?: string; error?: undefined }
  | { status: "failed" | "retried"; output?: undefined; error: StoredError };

/** An event, as far as a run needs it. */
export type LoggedEvent = Call & {
  seq: number;
  /** Of an event of a child. */
  childId: string | null;
  attempt: number;
  status: call_status;
  output: unknown;
  error: StoredError | null;
};

/** A child to be started or, if it has an id, to be resumed. */
export type Child = ChildOptions & { childId: string | null; input: string; maxAttempts: number };

/** The reply to a request to suspend. Only `news` has events. */
export type Verdict = {
  verdict: "suspended" | "news" | "nothing" | "cancelled" | "lost";
  events: LoggedEvent[];
};

/** The event log of a running task. */
export class EventLog {
  readonly taskId: string;
  /** Tells the idempotency keys of a replay from those of the history before it. */
  readonly keySuffix: string;
  readonly #db: TypedConnection;
  readonly #fence: number;
  readonly #lifetime: Lifetime;
  readonly #closed = new AbortController();

  /** Ends the run early when it must not go on: the claim is lost, or an event may have been written or not. */
  constructor(
    db: TypedConnection,
    claim: { id: string; fence: number; history: number },
    lifetime: Lifetime,
  ) {
    this.#db = db;
    this.taskId = claim.id;
    this.keySuffix = claim.history > 1 ? `/${claim.history}` : "";
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

  /** Starts a child, or resumes the one with this `childId`, and appends `started`. Throws as `append` does. */
  startChild(call: Call, attempt: number, child: Child): Promise<LoggedEvent> {
    return this.#untilExecuted(call, () => this.#startOnce(call, attempt, child));
  }

  async #startOnce(
    { kind: _, ...call }: Call,
    attempt: number,
    { childId, ...task }: Child,
  ): Promise<LoggedEvent> {
    const start = { taskId: this.taskId, fence: this.#fence, ...call, attempt };
    const [started] = childId
      ? await resumeChild.run({ ...start, childId }, this.#db)
      : await startChild.run({ ...start, ...task }, this.#db);
    if (!started) throw this.#lost();
    const event = { ...call, ...started, kind: "child", attempt, status: "started" } as const;
    return { ...event, output: null, error: null };
  }

  /**
   * Suspends the task if it `isIdle` and there are no events after `seen`. Returns whether it is suspended, these events, or why
   * the run must end. Returns `nothing` if there is nothing to tell, or Postgres cannot tell now.
   */
  async suspend(seen: number, isIdle: boolean): Promise<Verdict> {
    try {
      const run = { taskId: this.taskId, fence: this.#fence, seen, isIdle };
      const [row] = await suspendTask.run(run, this.#db);
      const { verdict, events } = row ?? { verdict: "lost", events: null };
      return { verdict: verdict as Verdict["verdict"], events: (events ?? []) as LoggedEvent[] };
    } catch (error) {
      // A look that got no reply changes nothing.
      if (isIdle && !isNotExecuted(error))
        this.#drop("Whether the task is suspended is unknown", error);
      return { verdict: "nothing", events: [] };
    }
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
      // What later runs will read, this one gets at once. The output of `now` is made by Postgres.
      const stored = output === undefined ? appended.output : JSON.parse(output);
      const { seq } = appended;
      return { ...call, seq, childId: null, attempt, status, output: stored, error: error ?? null };
    }
    throw this.#lost();
  }

  /** Ends the run, as an event of this call may have been written or not: only the log knows. Returns the reason. */
  drop({ kind, name }: Call, cause: unknown): RunDroppedError {
    return this.#drop(`The result of ${kind} "${name}" may not be in the event log`, cause);
  }

  #drop(what: string, cause: unknown): RunDroppedError {
    const dropped = new RunDroppedError(`${what}: ${messageOf(cause)}`, { cause });
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
