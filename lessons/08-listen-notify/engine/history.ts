import {
  isDataError,
  isDuplicate,
  isUnknownReference,
  one,
  pgtyped,
  type Queryable,
  type Sql,
} from "shared/database";
import { hashJson, type StoredError } from "shared/values";
import {
  type AppendEventParams,
  appendEvent,
  type call_kind,
  type call_status,
  findEvent,
  lockTask,
  readNews,
  resumeChild,
} from "../sql/queries.ts";
import { untilAnswered } from "./answer.ts";
import {
  CancelledError,
  ClaimLostError,
  NonDeterminismError,
  UnknownConcurrencyKeyError,
} from "./errors.ts";
import { report } from "./report.ts";
import { maxAttemptsOf } from "./retry.ts";
import type { ChildOptions, TaskDefinition } from "./task.ts";
import type { Appended, Writes } from "./writes.ts";

/** A call that a program makes of its context, and its place in the program: 1 for the first call. */
export type Call = {
  position: number;
  kind: call_kind;
  name: string;
  inputHash: string | null;
};

/** What has come of an attempt of a call. */
export type CallResult =
  | { status: "succeeded"; output: string }
  | { status: "failed"; error: StoredError }
  | { status: "caught" };

/** An event as a claim brings it. */
export type LoggedEvent = Call & {
  seq: number;
  attempt: number;
  status: call_status;
  childId: string | null;
  output: unknown;
  error: StoredError | null;
};

/** What the program is told of a call. */
export type Settlement =
  | { output: unknown }
  | { error: StoredError; childId: string | null }
  | { refusal: unknown };

/** A child that is to be started. */
export type Child = {
  definition: TaskDefinition<never, unknown>;
  input: string;
  options: ChildOptions;
};

type Means = { sql: Sql; writes: Writes };

type Claimed = {
  id: string;
  name: string;
  fence: number;
  history: number;
  retriedSeq: number;
  events: LoggedEvent[];
};

/** The event log of a task, as its worker reads it, compares it with what the program does, and writes it. */
export class History {
  readonly #sql: Sql;
  readonly #writes: Writes;
  readonly #task: Claimed;
  readonly #stop: (reason: unknown) => void;
  readonly #events = new Map<number, LoggedEvent[]>();
  readonly #asked: Call[] = [];
  #lastPosition = 0;

  /** `stop` is called when the program cannot go on: it differs from its log, or that cannot be written. */
  constructor({ sql, writes }: Means, task: Claimed, stop: (reason: unknown) => void) {
    this.#sql = sql;
    this.#writes = writes;
    this.#task = task;
    this.#stop = stop;
    for (const event of task.events) {
      this.#lastPosition = Math.max(this.#lastPosition, event.position);
      const before = this.#events.get(event.position);
      if (before) before.push(event);
      else this.#events.set(event.position, [event]);
    }
  }

  /** The program's next call. Throws a `NonDeterminismError` if the log holds another one in its place. */
  ask(kind: call_kind, name: string, input?: unknown): Call {
    const inputHash = input === undefined ? null : hashJson(input, "input");
    const call = { position: this.#asked.length + 1, kind, name, inputHash };
    this.#asked.push(call);
    const [logged] = this.of(call);
    if (!logged) return call;
    if (logged.kind !== kind || logged.name !== name) throw this.#differs("different", call);
    // Without a hash in the log the call had no input then, and so none that has changed.
    if (logged.inputHash !== null && logged.inputHash !== inputHash) {
      throw this.#differs("changed", call);
    }
    return call;
  }

  /** What had come of a call before the task was claimed, in order. */
  of({ position }: Pick<Call, "position">): LoggedEvent[] {
    return this.#events.get(position) ?? [];
  }

  /** Whether it has to be run: nothing has come of it, or only what a retry may change. */
  isToRun(call: Call): boolean {
    const last = this.of(call).at(-1);
    if (last?.status === "failed")
      return call.kind !== "child" || last.seq <= this.#task.retriedSeq;
    return last === undefined || last.status === "abandoned";
  }

  /** Whether the program is past what the log holds, or the log holds this patch as its next call. */
  isPatched(name: string): boolean {
    const position = this.#asked.length + 1;
    const [logged] = this.of({ position });
    if (logged) return logged.kind === "patched" && logged.name === name;
    return position > this.#lastPosition;
  }

  /** The program has ended: it `returned`, say. Stops if the log holds calls that it has not made. */
  end(how: string, cause?: unknown): void {
    for (let position = this.#asked.length + 1; position <= this.#lastPosition; position += 1) {
      // What was under way has left no event, and may be left out.
      if (this.of({ position }).length === 0) continue;
      this.#differs("missing", { position }, how, cause);
      return;
    }
  }

  /** Appends an event. Throws if the claim is lost, or if Postgres did not answer for a while. */
  append(call: Call, attempt: number, result: CallResult): Promise<Appended> {
    const event = this.#eventOf(call, attempt, result);
    return this.#written(call, attempt, result.status, () => this.#writes.appendEvent(event));
  }

  /**
   * Starts the child of a call, or the one that an earlier attempt of it has started goes on, and appends that it did.
   * Throws as `append` does.
   */
  startChild(call: Call, attempt: number, child: Child): Promise<{ seq: number }> {
    return this.#written(call, attempt, "started", () => this.#startOnce(call, attempt, child));
  }

  /**
   * Suspends the task, unless something has happened in it after the event `seen`: returns that. Stops if the task is
   * to be cancelled. Returns `"lost"` if the claim is.
   */
  async suspend(seen: number): Promise<"suspended" | "lost" | LoggedEvent[]> {
    const { id: taskId, fence } = this.#task;
    const row = await this.#orStop(() => this.#writes.suspendTask({ taskId, fence, seen }));
    if (!row) return "lost";
    if (row.isSuspended) return "suspended";
    if (row.isCancelled) this.#stop(new CancelledError("The task was cancelled"));
    return (row.events ?? []) as LoggedEvent[];
  }

  /** What has happened after the event `seen`; nothing if the claim is lost. */
  async news(seen: number): Promise<LoggedEvent[]> {
    const { id: taskId, fence } = this.#task;
    const ask = () => readNews.run({ taskId, fence, seen }, pgtyped(this.#sql));
    const [row] = await this.#orStop(ask);
    return (row?.events ?? []) as LoggedEvent[];
  }

  /** Appends an event in the transaction of `tx`. */
  async appendOn(
    tx: Queryable,
    call: Call,
    attempt: number,
    result: CallResult,
  ): Promise<Appended> {
    const event = this.#eventOf(call, attempt, result);
    const [appended] = await appendEvent.run(event, pgtyped(tx));
    if (!appended) throw this.#lost();
    return appended;
  }

  /**
   * Finds what an earlier transaction of this call has written, if it has committed. Whatever may still be under way
   * has ended when this returns, and nothing is written until `tx` has ended.
   */
  async findOn(tx: Queryable, { position }: Call, attempt: number): Promise<Appended | undefined> {
    const { id: taskId, fence, history } = this.#task;
    const [locked] = await lockTask.run({ taskId, fence }, pgtyped(tx));
    if (!locked) throw this.#lost();
    const event = { taskId, history, position, attempt, status: "succeeded" } as const;
    const [found] = await findEvent.run(event, pgtyped(tx));
    return found;
  }

  async #startOnce(
    call: Call,
    attempt: number,
    { definition, input, options }: Child,
  ): Promise<{ seq: number } | undefined> {
    const { id: taskId, fence } = this.#task;
    const db = pgtyped(this.#sql);
    const { position, name, inputHash } = call;
    const event = { taskId, fence, position, name, inputHash, attempt };
    const childId = this.of(call).at(-1)?.childId;
    const { concurrencyKey, priority } = options;
    const { startTimeoutMs } = definition;
    const maxAttempts = maxAttemptsOf(definition.retry);
    const task = { input, concurrencyKey, priority, startTimeoutMs, maxAttempts };
    const started = childId
      ? (await resumeChild.run({ ...event, childId, startTimeoutMs }, db))[0]
      : await this.#writes.startChild({ ...event, ...task }).catch((error) => {
          const isUnknownKey = isUnknownReference(error, "tasks_concurrency_key_fkey");
          throw isUnknownKey ? new UnknownConcurrencyKeyError(String(concurrencyKey)) : error;
        });
    return started;
  }

  #eventOf(call: Call, attempt: number, result: CallResult): AppendEventParams {
    const { id: taskId, fence } = this.#task;
    const output = result.status === "succeeded" ? result.output : null;
    const error = result.status === "failed" ? JSON.stringify(result.error) : null;
    return { taskId, fence, ...call, attempt, status: result.status, output, error };
  }

  async #written<T>(
    { position }: Call,
    attempt: number,
    status: call_status,
    write: () => Promise<T | undefined>,
  ): Promise<T | Appended> {
    try {
      const written = await untilAnswered(write);
      if (written === undefined) throw this.#lost();
      return written;
    } catch (error) {
      if (isWritten(error)) {
        const { id: taskId, history } = this.#task;
        const event = { taskId, history, position, attempt, status };
        return one(await untilAnswered(() => findEvent.run(event, pgtyped(this.#sql))));
      }
      // It may have been written or not. The program must not go on as if it knew.
      if (!isRefused(error)) this.#stop(error);
      throw error;
    }
  }

  async #orStop<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await untilAnswered(ask);
    } catch (error) {
      this.#stop(error);
      throw error;
    }
  }

  #lost(): ClaimLostError {
    const lost = new ClaimLostError("Another worker has the task by now");
    this.#stop(lost);
    return lost;
  }

  #differs(
    how: "different" | "changed" | "missing",
    { position }: Pick<Call, "position">,
    ending?: string,
    cause?: unknown,
  ): NonDeterminismError {
    const logged = [...this.#events.values()]
      .flatMap(([first]) => first ?? [])
      .sort((a, b) => a.position - b.position);
    const text = report(this.#task, { how, position, logged, asked: this.#asked, ending });
    const error = new NonDeterminismError(text, { cause });
    this.#stop(error);
    return error;
  }
}

/** Whether an event is in the log already: an earlier try has written it, and the answer got lost. */
function isWritten(error: unknown): boolean {
  return (
    isDuplicate(error, "a_call_is_settled_once") ||
    isDuplicate(error, "an_attempt_fails_once") ||
    isDuplicate(error, "an_attempt_starts_one_child")
  );
}

/** Whether Postgres has refused to write it, as it is: it was not written. */
function isRefused(error: unknown): boolean {
  return error instanceof UnknownConcurrencyKeyError || isDataError(error);
}
