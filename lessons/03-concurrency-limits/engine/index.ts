// The engine, from below:
//
//   errors.ts   what can go wrong
//   bell.ts     wakes who waits
//   task.ts     what can be run
//   client.ts   all that an outsider can say
//   execute.ts  one claimed task in, its outcome out
//   worker.ts   claims tasks, executes them, writes the outcomes down

export { type StoredError, UnstorableValueError } from "shared/values";
export type { Json } from "../sql/queries.ts";
export {
  type EnqueueOptions,
  enqueue,
  result,
  setConcurrencyLimit,
  type TaskResult,
} from "./client.ts";
export { UnknownConcurrencyKeyError } from "./errors.ts";
export { type TaskDefinition, task } from "./task.ts";
export { Worker, type WorkerOptions } from "./worker.ts";
