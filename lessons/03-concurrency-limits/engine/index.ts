// The engine, in reading order:
//
//   errors.ts                errors that a caller may want to catch
//   task.ts                  definitions: a name and a handler
//   client.ts                the client API: add tasks, set limits, read results
//   worker/log.ts            lines of a log that cannot fail
//   worker/options.ts        a worker's options and their defaults
//   worker/execute.ts        calls the handler of a claimed task, returns its outcome
//   worker/run-task.ts       runs one claimed task and writes its outcome
//   worker/wake-signal.ts    interrupts the wait for the next poll
//   worker/runs.ts           what a worker is running, and its free slots
//   worker/worker.ts         the loop: claim and run

export { type StoredError, UnstorableValueError } from "shared/values";
export type { Json } from "../sql/queries.ts";
export {
  type EnqueueOptions,
  enqueue,
  enqueueMany,
  type NewTask,
  result,
  setConcurrencyLimit,
  type TaskResult,
} from "./client.ts";
export { UnknownConcurrencyKeyError } from "./errors.ts";
export { type TaskDefinition, task } from "./task.ts";
export type { WorkerOptions } from "./worker/options.ts";
export { Worker } from "./worker/worker.ts";
