// The engine, from below:
//
//   task.ts     what can be run
//   client.ts   all that an outsider can say
//   execute.ts  one claimed task in, its outcome out
//   worker.ts   claims tasks, executes them, writes the outcomes down

export { type StoredError, UnstorableValueError } from "shared/values";
export type { Json } from "../sql/queries.ts";
export { enqueue, result, type TaskResult } from "./client.ts";
export { type TaskDefinition, task } from "./task.ts";
export { Worker, type WorkerOptions } from "./worker.ts";
