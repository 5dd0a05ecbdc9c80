// The engine, from below:
//
//   errors.ts   what can go wrong
//   bell.ts     wakes who waits
//   retry.ts    how often, and when
//   grace.ts    lets a handler end that is to end
//   answer.ts   asks again while Postgres is away
//   task.ts     what can be run
//   client.ts   all that an outsider can say
//   execute.ts  one claimed task in, its outcome out
//   outcome.ts  writes an outcome down
//   lease.ts    shows that a worker is alive
//   worker.ts   claims tasks, executes them, and takes over what the dead have left
//   signals.ts  stops a worker when its process is told to

export { type StoredError, UnstorableValueError } from "shared/values";
export type { Json } from "../sql/queries.ts";
export {
  cancel,
  type EnqueueOptions,
  enqueue,
  enqueueMany,
  result,
  setConcurrencyLimit,
  type TaskResult,
} from "./client.ts";
export {
  CancelledError,
  ClaimLostError,
  NonRetryableError,
  TimeoutError,
  UnknownConcurrencyKeyError,
  WorkerStoppedError,
} from "./errors.ts";
export type { RetryPolicy } from "./retry.ts";
export { runUntilSignal } from "./signals.ts";
export { type TaskContext, type TaskDefinition, task } from "./task.ts";
export { Worker, type WorkerOptions } from "./worker.ts";
