import type { Sql } from "../runtime/database/index.ts";
import type { BenchJob, Input } from "./job.ts";

/**
 * What the benchmark needs from an engine. `load`, `openClient` and `openWorker` run in child processes and import the
 * engine there, so that the process that measures never loads an engine.
 */
export type Adapter = {
  /** Creates the engine's tables, and enqueues the tasks that the workload starts with. */
  load(job: BenchJob, sql: Sql): Promise<void>;
  /** Opens a client that enqueues tasks from another process than the worker's. */
  openClient(job: BenchJob): Promise<EngineClient>;
  /** Prepares a worker without starting it: imports the engine, connects, registers the handlers. */
  openWorker(job: BenchJob, handlers: Handlers): Promise<EngineWorker>;
  /** Counts the finished tasks and steps in the engine's own tables. */
  count(sql: Sql, job: BenchJob): Promise<Counts>;
  /** Expires the lease of a killed worker, so that the next worker need not wait for it. */
  makeDue?(sql: Sql): Promise<void>;
};

export type EngineClient = {
  enqueue(input: Input): Promise<void>;
  close(): Promise<void>;
};

export type EngineWorker = {
  start(): Promise<void>;
  /** Stops claiming, and returns when every running task has ended and its outcome is stored. */
  stop(): Promise<void>;
};

export type Counts = {
  /** Tasks that have succeeded, children included. */
  tasks: number;
  /** Steps whose output is stored; 0 for an engine without steps. */
  steps: number;
};

/** The bodies of the benchmark's tasks, the same for every engine. */
export type Handlers = {
  /** The whole body of a task without steps. */
  task(input: Input): void;
  /** The body of a step. The engine stores what it returns. */
  step(task: number, step: number): Promise<number> | number;
  /** The whole body of a child. */
  child(input: Input): number;
  /** Called by a parent with the outputs of its children. */
  parent(task: number, outputs: unknown[]): void;
};

/** Returns the name of the tasks that a job enqueues. */
export function taskName({ workload }: Pick<BenchJob, "workload">): "task" | "steps" | "parent" {
  if (workload === "children") return "parent";
  return workload === "steps" || workload === "resume" ? "steps" : "task";
}

/** Returns the numbers of a parent's children. */
export function childrenOf(parent: number, { size }: BenchJob): number[] {
  return Array.from({ length: size.children }, (_, index) => parent * size.children + index);
}
