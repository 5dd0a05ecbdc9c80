// The engine, in reading order:
//
//   task.ts     definitions: a name and a handler
//   client.ts   the client API: add tasks
//   worker.ts   claims tasks and runs them

export { enqueue } from "./client.ts";
export { type TaskDefinition, task } from "./task.ts";
export { Worker, type WorkerOptions } from "./worker.ts";
