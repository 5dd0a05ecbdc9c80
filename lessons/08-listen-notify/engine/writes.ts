import {
  isTransientError,
  pgtyped,
  type ReservedSql,
  type Sql,
  type TypedConnection,
} from "shared/database";
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
import { Group } from "./group.ts";
import type { Semaphore } from "./semaphore.ts";

type Suspended = { isSuspended: boolean; isCancelled: boolean; events: unknown };

/** Claims tasks for slots that are just being freed, on the connection that frees them. */
type ClaimBehind = (connection: ReservedSql, freed: number) => Promise<void>;

type Success = { id: string; fence: number; output: string };

/** An event that was appended; Postgres has made the output of some. */
export type Appended = { seq: number; output: unknown };

/**
 * Writes what tasks write most often, for all tasks of a worker that want to at the same time in one statement. What
 * that has left out, or what could not be part of it, is written alone. Each returns what came of it when that is
 * committed, or nothing if the claim is lost.
 */
export class Writes {
  readonly #sql: Sql;
  readonly #transactions: Semaphore;
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

  /** What is written alone takes turns with `transactions`. */
  constructor(sql: Sql, transactions: Semaphore, claimBehind: ClaimBehind) {
    this.#sql = sql;
    this.#transactions = transactions;
    this.#claimBehind = claimBehind;
  }

  appendEvent(event: AppendEventParams): Promise<Appended | undefined> {
    const alone = () => this.alone((db) => appendEvent.run(event, db));
    return together(this.#events, event, event.output ?? "", alone);
  }

  startChild(child: StartChildParams): Promise<{ seq: number } | undefined> {
    const alone = () => this.alone((db) => startChild.run(child, db));
    return together(this.#children, child, child.input, alone);
  }

  suspendTask(task: SuspendTaskParams): Promise<Suspended | undefined> {
    const alone = () => this.alone((db) => suspendTask.run(task, db));
    return together(this.#suspensions, task, "", alone);
  }

  succeedTask(success: Success): Promise<object | undefined> {
    const alone = () => this.alone((db) => succeedTask.run(success, db));
    return together(this.#successes, success, success.output, alone);
  }

  /** The row that `write` returns. It may have to wait for somebody; the pool has connections left meanwhile. */
  alone<Row>(write: (db: TypedConnection) => Promise<Row[]>): Promise<Row | undefined> {
    return this.#transactions.run(async () => (await write(pgtyped(this.#sql)))[0]);
  }

  async #appendEvents(events: AppendEventParams[]): Promise<(Appended | undefined)[]> {
    const column = columnsOf(events);
    const appended = await appendEvents.run(
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
    return inOrder(events.length, appended);
  }

  async #startChildren(children: StartChildParams[]): Promise<({ seq: number } | undefined)[]> {
    const column = columnsOf(children);
    const started = await startChildren.run(
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
    return inOrder(children.length, started);
  }

  async #suspendTasks(tasks: SuspendTaskParams[]): Promise<(Suspended | undefined)[]> {
    const column = columnsOf(tasks);
    const columns = { taskIds: column("taskId"), fences: column("fence"), seen: column("seen") };
    const suspended = await suspendTasks.run(columns, pgtyped(this.#sql));
    return inOrder(tasks.length, suspended);
  }

  async #succeedTasks(successes: Success[]): Promise<(object | undefined)[]> {
    const column = columnsOf(successes);
    const columns = { ids: column("id"), fences: column("fence"), outputs: column("output") };
    const connection = await this.#sql.reserve();
    // Both are sent before the first is answered: two statements and two commits, but one round trip.
    const ending = succeedTasks.run(columns, pgtyped(connection));
    const claiming = this.#claimBehind(connection, successes.length);
    void Promise.allSettled([ending, claiming]).then(() => connection.release());
    return inOrder(successes.length, await ending);
  }
}

/** How many are written at once at most. */
const MOST = 500;

/** More, as tasks that run side by side start their first children first: those of one task should come together. */
const MOST_CHILDREN = 1_000;

/** In characters. A group of larger values would be a statement of many megabytes. */
const LARGE = 16 * 1024;

async function together<Item, Result>(
  group: Group<Item, Result | undefined>,
  item: Item,
  value: string,
  alone: () => Promise<Result | undefined>,
): Promise<Result | undefined> {
  if (value.length > LARGE) return alone();
  try {
    const result = await group.add(item);
    if (result) return result;
  } catch (error) {
    // One refused row refuses the whole statement.
    if (isTransientError(error)) throw error;
  }
  return alone();
}

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
