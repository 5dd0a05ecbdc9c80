// The engine, from below:
//
//   task.ts     what can be run
//   client.ts   all that an outsider can say
//   worker.ts   claims tasks and runs them

export { enqueue } from "./client.ts";
export { type TaskDefinition, task } from "./task.ts";
export { Worker, type WorkerOptions } from "./worker.ts";
