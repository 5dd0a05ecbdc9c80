import { isRefusedRow, pgtyped, type Queryable, type ReservedSql, type Sql } from "shared/database";
import {
  type AppendEventParams,
  appendEvent,
  appendEvents,
  type StartChildParams,
  type SuspendTaskParams,
  startChild,
  startChildren,
  succeedTask,
  succeedTasks,
  suspendTask,
  suspendTasks,
} from "../sql/queries.ts";
import { soon } from "./answer.ts";
import { Group } from "./group.ts";
import { Semaphore } from "./semaphore.ts";

type Suspended = { isSuspended: boolean; isCancelled: boolean; events: unknown };

/** Claims tasks for slots that are just being freed, on the connection that frees them. */
type ClaimBehind = (connection: ReservedSql, freed: number) => Promise<void>;

type Success = { id: string; fence: number; output: string };

/** An event that was appended; Postgres has made the output of some. */
export type Appended = { seq: number; output: unknown };

/**
 * Writes what tasks write most often, for all tasks of a worker that want to at the same time in one statement. What
 * that has left out, or what could not be part of it, is written alone. Each returns what came of it when that is
 * committed, or nothing if the claim is lost, or, of an output, if the task is to be cancelled.
 */
export class Writes {
  readonly #sql: Sql;
  readonly #leftOut: Semaphore;
  readonly #claimBehind: ClaimBehind;
  readonly #events = new Group((items: AppendEventParams[]) => this.#appendEvents(items), MOST);
  readonly #children = new Group(
    (items: StartChildParams[]) => this.#startChildren(items),
    MOST_CHILDREN,
  );
  readonly #suspensions = new Group(
    (items: SuspendTaskParams[]) => this.#suspendTasks(items),
    MOST,
  );
  readonly #successes = new Group((items: Success[]) => this.#succeedTasks(items), MOST);

  /** Of what a group has left out, `apart` at once wait for their rows, on as many connections. */
  constructor(sql: Sql, apart: number, claimBehind: ClaimBehind) {
    this.#sql = sql;
    this.#leftOut = new Semaphore(apart);
    this.#claimBehind = claimBehind;
  }

  appendEvent(event: AppendEventParams): Promise<Appended | undefined> {
    const alone = (sql: Queryable) => appendEvent.run(event, pgtyped(sql));
    return this.#together(this.#events, event, event.output ?? "", alone);
  }

  startChild(child: StartChildParams): Promise<{ seq: number } | undefined> {
    const alone = (sql: Queryable) => startChild.run(child, pgtyped(sql));
    return this.#together(this.#children, child, child.input, alone);
  }

  suspendTask(task: SuspendTaskParams): Promise<Suspended | undefined> {
    const alone = (sql: Queryable) => suspendTask.run(task, pgtyped(sql));
    return this.#together(this.#suspensions, task, "", alone);
  }

  succeedTask(success: Success): Promise<object | undefined> {
    const alone = (sql: Queryable) => succeedTask.run(success, pgtyped(sql));
    return this.#together(this.#successes, success, success.output, alone);
  }

  async #appendEvents(events: AppendEventParams[]): Promise<(Appended | undefined)[]> {
    const column = columnsOf(events);
    const appended = appendEvents.run(
      {
        taskIds: column("taskId"),
        fences: column("fence"),
        positions: column("position"),
        kinds: column("kind"),
        names: column("name"),
        inputHashes: column("inputHash"),
        attempts: column("attempt"),
        statuses: column("status"),
        outputs: column("output"),
        errors: column("error"),
      },
      pgtyped(this.#sql),
    );
    return inOrder(events.length, await soon(appended));
  }

  async #startChildren(children: StartChildParams[]): Promise<({ seq: number } | undefined)[]> {
    const column = columnsOf(children);
    const started = startChildren.run(
      {
        taskIds: column("taskId"),
        fences: column("fence"),
        positions: column("position"),
        names: column("name"),
        inputHashes: column("inputHash"),
        attempts: column("attempt"),
        inputs: column("input"),
        concurrencyKeys: column("concurrencyKey"),
        priorities: column("priority"),
        startTimeoutsMs: column("startTimeoutMs"),
        maxAttempts: column("maxAttempts"),
      },
      pgtyped(this.#sql),
    );
    return inOrder(children.length, await soon(started));
  }

  async #suspendTasks(tasks: SuspendTaskParams[]): Promise<(Suspended | undefined)[]> {
    const column = columnsOf(tasks);
    const columns = { taskIds: column("taskId"), fences: column("fence"), seen: column("seen") };
    const suspended = suspendTasks.run(columns, pgtyped(this.#sql));
    return inOrder(tasks.length, await soon(suspended));
  }

  async #succeedTasks(successes: Success[]): Promise<(object | undefined)[]> {
    const column = columnsOf(successes);
    const columns = { ids: column("id"), fences: column("fence"), outputs: column("output") };
    const connection = await this.#sql.reserve();
    // Both are sent before the first is answered: two statements and two commits, but one round trip.
    const ending = succeedTasks.run(columns, pgtyped(connection));
    const claiming = this.#claimBehind(connection, successes.length);
    void Promise.allSettled([ending, claiming]).then(() => connection.release());
    return inOrder(successes.length, await soon(ending));
  }

  async #together<Item, Result>(
    group: Group<Item, Result | undefined>,
    item: Item,
    value: string,
    alone: (sql: Queryable) => Promise<Result[]>,
  ): Promise<Result | undefined> {
    if (value.length > LARGE) return (await alone(this.#sql))[0];
    try {
      const result = await group.add(item);
      if (result) return result;
    } catch (error) {
      // One refused row refuses the whole statement.
      if (!isRefusedRow(error)) throw error;
      return (await alone(this.#sql))[0];
    }
    return this.#leftOut.run(() => this.#apart(alone));
  }

  /** On a connection of its own: whoever waits for a row keeps all that is sent behind it on the same one waiting. */
  async #apart<Result>(alone: (sql: Queryable) => Promise<Result[]>): Promise<Result | undefined> {
    const connection = await this.#sql.reserve();
    try {
      return (await alone(connection))[0];
    } finally {
      connection.release();
    }
  }
}

/** How many are written at once at most. */
const MOST = 500;

/** More, as tasks that run side by side start their first children first: those of one task should come together. */
const MOST_CHILDREN = 1_000;

/** In characters. A group of larger values would be a statement of many megabytes. */
const LARGE = 16 * 1024;

/** What these items have under a key, as an array for `unnest`. pgtyped's types do not know that it may hold nulls. */
function columnsOf<Item>(items: Item[]) {
  return <Key extends keyof Item>(key: Key) =>
    items.map((item) => item[key] ?? null) as NonNullable<Exclude<Item[Key], void>>[];
}

/** The row of each of so many items: the one that says it is of the `nth`, which is 1 for the first. */
function inOrder<Row extends { nth: number }>(items: number, rows: Row[]): (Row | undefined)[] {
  const ordered = new Array<Row | undefined>(items).fill(undefined);
  for (const row of rows) ordered[row.nth - 1] = row;
  return ordered;
}
