import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Queryable, ReservedSql, Sql } from "../runtime/database/index.ts";
import { builtOrSource } from "../runtime/processes/built.ts";
import type { Stored, StoredError } from "../values/index.ts";

/**
 * What the commands, the agent, the soak and the benchmark use of a lesson's engine. Any lesson from 07 on exports it; what each part
 * does is described there. Methods rather than functions, so that an engine may demand more of its own types.
 */
export type Engine = {
  task<Input, Output>(
    options: TaskOptions<Input, Output, TaskContext>,
  ): TaskDefinition<Input, Output>;
  durableTask<Input, Output>(
    options: TaskOptions<Input, Output, DurableContext>,
  ): TaskDefinition<Input, Output>;

  setConcurrencyLimit(sql: Queryable, key: string, limit: number): Promise<void>;
  enqueue<Input>(
    sql: Queryable,
    definition: TaskDefinition<Input, unknown>,
    input: Input,
    options?: EnqueueOptions,
  ): Promise<string>;
  enqueueMany<Input>(
    sql: Queryable,
    definition: TaskDefinition<Input, unknown>,
    tasks: ({ input: Input } & EnqueueOptions)[],
  ): Promise<string[]>;
  cancel(sql: Queryable, id: string): Promise<boolean>;
  retry(sql: Queryable, id: string): Promise<void>;
  replay(sql: Queryable, id: string): Promise<void>;

  Worker: new (sql: Sql, options: WorkerOptions) => StartableWorker;
  runUntilSignal(worker: StartableWorker, options?: { deadlineMs?: number }): Promise<void>;

  NonRetryableError: new (message: string) => Error;
  ChildFailedError: new (task: string, childId: string | null, error: StoredError) => Error;
};

export type TaskDefinition<Input, Output> =
  | ({ kind: "regular" } & TaskOptions<Input, Output, TaskContext>)
  | ({ kind: "durable" } & TaskOptions<Input, Output, DurableContext>);

export type TaskOptions<Input, Output, Context> = {
  name: string;
  run(input: Input, context: Context): Promise<Output> | Output;
  retry?: RetryPolicy;
  timeoutMs?: number;
};

type RetryPolicy = { maxAttempts?: number; backoffMs?: number; maxBackoffMs?: number };

export type TaskContext = { taskId: string; attempt: number; signal: AbortSignal };

export type DurableContext = TaskContext & {
  step<T>(
    name: string,
    run: (step: StepInfo) => Promise<T> | T,
    options?: StepOptions,
  ): Promise<Stored<T>>;
  transaction<T>(
    name: string,
    run: (sql: ReservedSql, step: StepInfo) => Promise<T> | T,
  ): Promise<Stored<T>>;
  now(): Promise<Date>;
  run<Input, Output>(
    definition: TaskDefinition<Input, Output>,
    input: NoInfer<Input>,
    options?: { concurrencyKey?: string },
  ): Promise<Stored<Output>>;
};

export type StepInfo = { attempt: number; idempotencyKey: string; signal: AbortSignal };

type StepOptions = { retry?: RetryPolicy; input?: unknown };

type EnqueueOptions = {
  concurrencyKey?: string;
  idempotencyKey?: string;
  priority?: "high" | "normal" | "low";
  delayMs?: number;
};

type WorkerOptions = {
  tasks: TaskDefinition<never, unknown>[];
  name?: string;
  slots?: number;
  pollIntervalMs?: number;
  heartbeatIntervalMs?: number;
  leaseMs?: number;
  graceMs?: number;
  log?: (line: string) => void;
};

type StartableWorker = {
  start(): void;
  stop(options?: { deadlineMs?: number }): Promise<void>;
};

/** Loads the engine of the lesson in this folder. */
export async function loadEngine(lesson: string): Promise<Engine> {
  return import(pathToFileURL(builtOrSource(path.join(lesson, "engine/index.ts"))).href);
}
