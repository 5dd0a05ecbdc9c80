// The engine, in reading order:
//
//   task.ts                  definitions: a name and a handler
//   client.ts                the client API: add tasks, read results
//   worker/log.ts            lines of a log that cannot fail
//   worker/options.ts        a worker's options and their defaults
//   worker/execute.ts        calls the handler of a claimed task, returns its outcome
//   worker/run-task.ts       runs one claimed task and writes its outcome
//   worker/worker.ts         the loop: claim and run

export { type StoredError, UnstorableValueError } from "shared/values";
export type { Json } from "../sql/queries.ts";
export { enqueue, enqueueMany, type NewTask, result, type TaskResult } from "./client.ts";
export { type TaskDefinition, task } from "./task.ts";
export type { WorkerOptions } from "./worker/options.ts";
export { Worker } from "./worker/worker.ts";
