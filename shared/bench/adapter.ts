import type { Sql } from "../runtime/database/index.ts";
import type { Input, Job } from "./job.ts";

/**
 * What the benchmark needs to know of an engine. Each call but `count` and `makeDue` happens in a process of its own,
 * which imports the engine only there: the process that measures loads none.
 */
export type Adapter = {
  /** Makes the engine's tables, and queues what the workload begins with. */
  load(job: Job, sql: Sql): Promise<void>;
  /** Another process that enqueues. */
  openClient(job: Job): Promise<Client>;
  /** Does what can be done without beginning to work: reads the code, connects, registers handlers. */
  openWorker(job: Job, handlers: Handlers): Promise<Worker>;
  /** What has come of the tasks, by the engine's own tables. */
  count(sql: Sql, job: Job): Promise<Counts>;
  /** Ends the lease of a worker that was killed, so that nobody has to wait for it. */
  makeDue?(sql: Sql): Promise<void>;
};

export type Client = {
  enqueue(input: Input): Promise<void>;
  close(): Promise<void>;
};

export type Worker = {
  start(): Promise<void>;
  /** Claims nothing more, and returns when what runs has ended and is written down. */
  stop(): Promise<void>;
};

export type Counts = {
  /** Tasks that have ended well; children are tasks. */
  tasks: number;
  /** Steps whose output is kept; zero for an engine that keeps none. */
  steps: number;
};

/** What the benchmark's tasks do, whatever runs them. */
export type Handlers = {
  /** All that a task without steps does. */
  task(input: Input): void;
  /** All that a step does; what it returns is kept. */
  step(task: number, step: number): Promise<number> | number;
  /** All that a child does. */
  child(input: Input): number;
  /** To be called by a parent with what its children have returned. */
  parent(task: number, outputs: unknown[]): void;
};

/** The numbers of a parent's children. */
export function childrenOf(parent: number, { size }: Job): number[] {
  return Array.from({ length: size.children }, (_, index) => parent * size.children + index);
}
