import { isDuplicate, one, pgtyped, type Queryable, type Sql } from "shared/database";
import { hashJson, type StoredError } from "shared/values";
import { appendEvent, type call_kind, findEvent, lockTask } from "../sql/queries.ts";
import { untilAnswered } from "./answer.ts";
import { ClaimLostError, NonDeterminismError } from "./errors.ts";
import { report } from "./report.ts";

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
  status: CallResult["status"];
  output: unknown;
  error: StoredError | null;
};

/** What the program is told of a call. */
export type Settlement = { output: unknown } | { error: StoredError } | { refusal: unknown };

/** An event that was appended; Postgres has made the output of some. */
export type Appended = { seq: number; output: unknown };

type Claimed = { id: string; name: string; fence: number; events: LoggedEvent[] };

/** The event log of a task, as its worker reads it, compares it with what the program does, and writes it. */
export class History {
  readonly #sql: Sql;
  readonly #task: Claimed;
  readonly #stop: (reason: unknown) => void;
  readonly #events = new Map<number, LoggedEvent[]>();
  readonly #asked: Call[] = [];
  #lastPosition = 0;

  /** `stop` is called when the program cannot go on: it differs from its log, or that cannot be written. */
  constructor(sql: Sql, task: Claimed, stop: (reason: unknown) => void) {
    this.#sql = sql;
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
  async append(call: Call, attempt: number, result: CallResult): Promise<Appended> {
    try {
      return await untilAnswered(() => this.appendOn(this.#sql, call, attempt, result));
    } catch (error) {
      if (isWritten(error)) return this.#find(call, attempt, result.status);
      // It may have been written or not. The program must not go on as if it knew.
      this.#stop(error);
      throw error;
    }
  }

  /** Appends an event in the transaction of `tx`. */
  async appendOn(
    tx: Queryable,
    call: Call,
    attempt: number,
    result: CallResult,
  ): Promise<Appended> {
    const { id: taskId, fence } = this.#task;
    const output = result.status === "succeeded" ? result.output : null;
    const error = result.status === "failed" ? JSON.stringify(result.error) : null;
    const { status } = result;
    const event = { taskId, fence, ...call, attempt, status, output, error };
    const [appended] = await appendEvent.run(event, pgtyped(tx));
    if (!appended) throw this.#lost();
    return appended;
  }

  /**
   * Finds what an earlier transaction of this call has written, if it has committed. Whatever may still be under way
   * has ended when this returns, and nothing is written until `tx` has ended.
   */
  async findOn(tx: Queryable, { position }: Call, attempt: number): Promise<Appended | undefined> {
    const { id: taskId, fence } = this.#task;
    const [locked] = await lockTask.run({ taskId, fence }, pgtyped(tx));
    if (!locked) throw this.#lost();
    const event = { taskId, position, attempt, status: "succeeded" } as const;
    const [found] = await findEvent.run(event, pgtyped(tx));
    return found;
  }

  /** Finds an event that is in the log already. */
  async #find(
    { position }: Call,
    attempt: number,
    status: CallResult["status"],
  ): Promise<Appended> {
    const event = { taskId: this.#task.id, position, attempt, status };
    return one(await untilAnswered(() => findEvent.run(event, pgtyped(this.#sql))));
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
    isDuplicate(error, "a_call_is_settled_once") || isDuplicate(error, "an_attempt_fails_once")
  );
}
