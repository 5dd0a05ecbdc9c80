import { pgtyped, type Queryable } from "shared/database";
import { checkKey, encodeJson, type StoredError, wholeNumber } from "shared/values";
import {
  cancelTask,
  findConcurrencyLimits,
  findTasks,
  insertTasks,
  type Json,
  readTask,
  setConcurrencyLimit as set,
} from "../sql/queries.ts";
import { UnknownConcurrencyKeyError } from "./errors.ts";
import { maxAttemptsOf } from "./retry.ts";
import type { TaskDefinition } from "./task.ts";

export type EnqueueOptions = {
  /** Tasks with the same key share its limit, which `setConcurrencyLimit` has set; none if left out. */
  concurrencyKey?: string;
  /** Of the tasks of one name with the same key only the first is added; the others return its id. */
  idempotencyKey?: string;
  /** Due tasks of a higher priority are claimed first; "normal" if left out. */
  priority?: "high" | "normal" | "low";
  /** How many milliseconds from now the task is due, by the database's clock; at once if left out. */
  delayMs?: number;
  /** When the task is due, instead of `delayMs`. */
  runAt?: Date;
};

/** How a task stands: `output` once it has succeeded, `error` once it has failed. */
export type TaskResult =
  | { status: "queued" | "running" | "cancelled" }
  | { status: "succeeded"; output: Json }
  | { status: "failed"; error: StoredError };

/**
 * Lets at most `limit` tasks of this concurrency key run at once, over all workers; 0 stops them. A
 * lower limit than before ends no task that runs: it holds from then on for those that are claimed.
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
 * Adds a task and returns its id. Given a transaction, the task exists only if that commits. A name or
 * an input that cannot be stored throws an `UnstorableValueError` before anything is sent, and a key
 * without a limit an `UnknownConcurrencyKeyError`, so the transaction can go on.
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

/** As `enqueue`, for any number of tasks in one statement; returns their ids in order. All are added, or none. */
export async function enqueueMany<Input>(
  sql: Queryable,
  definition: TaskDefinition<Input, unknown>,
  tasks: ({ input: Input } & EnqueueOptions)[],
): Promise<string[]> {
  checkKey(definition.name, "name");
  const wanted = tasks.map(checked);
  const ids = new Map<Wanted, string>();
  let left = wanted;
  // A second round is needed only if, between two statements, the first task of a key was deleted, or the
  // limit of a key was set.
  for (let round = 1; round <= 2 && left.length > 0; round += 1) {
    const rows = await insert(sql, definition, left);
    const idByKey = new Map(rows.map(({ id, idempotencyKey }) => [idempotencyKey, id]));
    const idsWithoutKey = rows.filter(({ idempotencyKey }) => idempotencyKey === null);
    for (const task of left) {
      const key = task.idempotencyKey;
      const id = key === null ? idsWithoutKey.shift()?.id : idByKey.get(key);
      if (id !== undefined) ids.set(task, id);
    }
    left = left.filter((task) => !ids.has(task));
  }
  const [missing] = left;
  if (missing) throw new Error(notAdded(missing));
  return wanted.map((task) => String(ids.get(task)));
}

/**
 * Cancels a task: a queued one at once; a running one as soon as its worker has heard of it and its handler
 * has ended. Returns whether it is or will be `cancelled`, or had ended in another way. Throws if there is
 * no task with this id.
 */
export async function cancel(sql: Queryable, id: string): Promise<boolean> {
  const [asked] = await cancelTask.run({ id }, pgtyped(sql));
  return asked !== undefined || (await result(sql, id)).status === "cancelled";
}

/** Reads how the task with this id stands. Throws if there is none. */
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

type Wanted = ReturnType<typeof checked>;

function checked<Input>(task: { input: Input } & EnqueueOptions) {
  const { concurrencyKey, idempotencyKey, priority = "normal", delayMs, runAt } = task;
  if (concurrencyKey !== undefined) checkKey(concurrencyKey, "concurrencyKey");
  if (idempotencyKey !== undefined) checkKey(idempotencyKey, "idempotencyKey");
  if (!["high", "normal", "low"].includes(priority)) {
    throw new RangeError(`priority is ${priority}; it must be "high", "normal" or "low"`);
  }
  return {
    input: encodeJson(task.input, "input"),
    concurrencyKey: concurrencyKey ?? null,
    idempotencyKey: idempotencyKey ?? null,
    priority,
    runAt: runAt === undefined ? null : timestamp(runAt, delayMs),
    delayMs: wholeNumber("delayMs", delayMs ?? 0, 0, ONE_CENTURY_MS),
  };
}

const ONE_CENTURY_MS = 3_155_760_000_000;

function timestamp(runAt: Date, delayMs: number | undefined): string {
  if (delayMs !== undefined) throw new RangeError("Give either runAt or delayMs, not both");
  const year = runAt.getUTCFullYear();
  if (year >= 1 && year <= 9999) return runAt.toISOString();
  throw new RangeError(`runAt is ${runAt}; it must be a date in the years 1 to 9999`);
}

/** Adds those whose idempotency key is free, and returns the ids of these, in order, and of the others. */
async function insert(
  sql: Queryable,
  { name, retry, startTimeoutMs }: TaskDefinition<never, unknown>,
  wanted: Wanted[],
): Promise<{ id: string; idempotencyKey: string | null }[]> {
  // pgtyped's types do not know that an array may hold nulls.
  const column = (of: (task: Wanted) => string | null) => wanted.map(of) as string[];
  const inserted = await insertTasks.run(
    {
      name,
      maxAttempts: maxAttemptsOf(retry),
      startTimeoutMs,
      inputs: column(({ input }) => input),
      concurrencyKeys: column(({ concurrencyKey }) => concurrencyKey),
      idempotencyKeys: column(({ idempotencyKey }) => idempotencyKey),
      priorities: column(({ priority }) => priority),
      runAts: column(({ runAt }) => runAt),
      delaysMs: wanted.map(({ delayMs }) => delayMs),
    },
    pgtyped(sql),
  );
  if (inserted.length === wanted.length) return inserted;
  if (inserted.length === 0) await refuseUnknownKeys(sql, wanted);
  const taken = wanted.map(({ idempotencyKey }) => idempotencyKey).filter((key) => key !== null);
  return [...inserted, ...(await findTasks.run({ name, idempotencyKeys: taken }, pgtyped(sql)))];
}

function notAdded({ idempotencyKey: key }: Wanted): string {
  if (key === null) return "A task was not added; does a trigger on the table drop rows?";
  return (
    `A task was not added, and none has its idempotency key ${JSON.stringify(key)}; ` +
    "does a trigger or row-level security drop or hide rows?"
  );
}

async function refuseUnknownKeys(sql: Queryable, wanted: Wanted[]): Promise<void> {
  const keys = new Set(wanted.map(({ concurrencyKey }) => concurrencyKey));
  keys.delete(null);
  if (keys.size === 0) return;
  const concurrencyKeys = [...keys] as string[];
  const known = await findConcurrencyLimits.run({ concurrencyKeys }, pgtyped(sql));
  for (const { concurrencyKey } of known) keys.delete(concurrencyKey);
  for (const unknown of keys) throw new UnknownConcurrencyKeyError(String(unknown));
}
