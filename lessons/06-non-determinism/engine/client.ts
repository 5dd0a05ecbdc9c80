import { pgtyped, type Queryable } from "shared/database";
import { checkKey, encodeJson, type StoredError, wholeNumber } from "shared/values";
import {
  cancelTask,
  findTasks,
  insertTasks,
  type Json,
  readTask,
  retryTask,
  setConcurrencyLimit as set,
} from "../sql/queries.ts";
import { UnknownConcurrencyKeyError } from "./errors.ts";
import { maxAttemptsOf } from "./retry-policy.ts";
import { checkDefinition, type TaskDefinition } from "./task.ts";

const ONE_CENTURY_MS = 3_155_760_000_000;

export type EnqueueOptions = {
  /** Tasks with the same key share the limit that `setConcurrencyLimit` has set for it. Default: no limit. */
  concurrencyKey?: string;
  /** Of the tasks of one name with the same key, only the first is added; adding another returns its id. */
  idempotencyKey?: string;
  /** The queue whose workers run the task. Default: "default". */
  queue?: string;
  /** Due tasks of a higher priority are claimed first. Default: "normal". */
  priority?: "high" | "normal" | "low";
  /** How long from now, by the database's clock, the task is due. Default: 0 ms. */
  delayMs?: number;
  /** When the task is due, instead of `delayMs`. */
  runAt?: Date;
};

export type NewTask<Input> = { input: Input } & EnqueueOptions;

/** The status of a task, with its `output` if it has succeeded and its `error` if it has failed. */
export type TaskResult =
  | { status: "queued" | "running" | "cancelled" }
  | { status: "succeeded"; output: Json }
  | { status: "failed"; error: StoredError };

/**
 * Lets at most `limit` tasks with this concurrency key run at once, across all workers; 0 pauses the key. A limit below
 * the number of running tasks ends none of them; it applies to the tasks that are claimed from then on.
 */
export async function setConcurrencyLimit(
  sql: Queryable,
  key: string,
  limit: number,
): Promise<void> {
  checkKey(key, "concurrencyKey");
  const maxRunning = wholeNumber("limit", limit, 0, 1_000_000);
  await set.run({ concurrencyKey: key, maxRunning }, pgtyped(sql));
}

/**
 * Adds a task and returns its id. If `sql` is a transaction, the task exists only if it commits. Throws an
 * `UnstorableValueError`, before anything is sent, if the name or the input cannot be stored, and an
 * `UnknownConcurrencyKeyError` if the key has no limit; the transaction can go on after both.
 */
export async function enqueue<Input>(
  sql: Queryable,
  definition: TaskDefinition<Input, unknown>,
  input: Input,
  options: EnqueueOptions = {},
): Promise<string> {
  const [id] = await enqueueMany(sql, definition, [{ ...options, input }]);
  return id as string;
}

/** Like `enqueue`, for any number of tasks in one statement; returns their ids in order. Adds all of them or none. */
export async function enqueueMany<Input>(
  sql: Queryable,
  definition: TaskDefinition<Input, unknown>,
  tasks: NewTask<Input>[],
): Promise<string[]> {
  const { name, retry } = definition;
  checkKey(name, "name");
  checkDefinition(definition);
  const rows = tasks.map(rowOf);
  const added = await insertTasks.run(
    { name, maxAttempts: maxAttemptsOf(retry), tasks: JSON.stringify(rows) },
    pgtyped(sql),
  );
  const unknownKey = added[0]?.unknownKey;
  if (unknownKey) throw new UnknownConcurrencyKeyError(unknownKey);
  const taken = rows.flatMap((row, index) => (added[index]?.id ? [] : (row.idempotency_key ?? [])));
  const found =
    taken.length > 0 ? await findTasks.run({ name, idempotencyKeys: taken }, pgtyped(sql)) : [];
  const idByKey = new Map(found.map(({ id, idempotencyKey }) => [idempotencyKey, id]));
  return rows.map(({ idempotency_key: key = "" }, index) => {
    const id = added[index]?.id ?? idByKey.get(key);
    if (id) return String(id);
    throw new Error(
      `A task was not added${key && `, and none has its idempotency key ${JSON.stringify(key)}`}; ` +
        "was it deleted just now, or does a trigger or row-level security drop or hide rows?",
    );
  });
}

/**
 * Cancels a task: a queued one at once, a running one as soon as its worker notices and the handler has ended. Returns
 * true if the task is `cancelled` or will be, false if it has already ended otherwise. Throws if there is no such task.
 */
export async function cancel(sql: Queryable, id: string): Promise<boolean> {
  const [found] = await cancelTask.run({ id }, pgtyped(sql));
  return found !== undefined || (await result(sql, id)).status === "cancelled";
}

/**
 * Queues a failed task again: it resumes from its event log. It gets one more attempt if the last one has failed; a
 * `NonDeterminismError` has cost it none. Throws if there is no such task, or it has not failed.
 */
export async function retry(sql: Queryable, id: string): Promise<void> {
  const [queued] = await retryTask.run({ id }, pgtyped(sql));
  if (queued) return;
  const { status } = await result(sql, id);
  throw new Error(`Task ${id} is ${status}; only a failed task can be retried`);
}

/** Returns the status of the task with this id. Throws if there is none. */
export async function result(sql: Queryable, id: string): Promise<TaskResult> {
  const [row] = await readTask.run({ id }, pgtyped(sql));
  if (!row) throw new Error(`There is no task ${id}`);
  switch (row.status) {
    case "succeeded":
      return { status: row.status, output: row.output };
    case "failed":
      return { status: row.status, error: row.error as StoredError };
    default:
      return { status: row.status };
  }
}

/** Returns a new task as `insertTasks` expects it. */
function rowOf<Input>(task: NewTask<Input>) {
  const { input, concurrencyKey, idempotencyKey, queue = "default", priority = "normal" } = task;
  if (concurrencyKey !== undefined) checkKey(concurrencyKey, "concurrencyKey");
  if (idempotencyKey !== undefined) checkKey(idempotencyKey, "idempotencyKey");
  checkKey(queue, "queue");
  if (!["high", "normal", "low"].includes(priority)) {
    throw new RangeError(`priority is ${priority}; it must be "high", "normal" or "low"`);
  }
  return {
    input: encodeJson(input, "input"),
    concurrency_key: concurrencyKey,
    idempotency_key: idempotencyKey,
    queue,
    priority,
    ...dueTime(task),
  };
}

function dueTime({ runAt, delayMs }: EnqueueOptions) {
  if (runAt === undefined) {
    return { delay_ms: wholeNumber("delayMs", delayMs ?? 0, 0, ONE_CENTURY_MS) };
  }
  if (delayMs !== undefined) throw new RangeError("Give either runAt or delayMs, not both");
  const year = runAt.getUTCFullYear();
  if (year >= 1 && year <= 9999) return { run_at: runAt.toISOString() };
  throw new RangeError(`runAt is ${runAt}; it must be a date in the years 1 to 9999`);
}
