// The engine, from below:
//
//   errors.ts     what can go wrong, and an error as it is stored
//   bell.ts       wakes who waits
//   retry.ts      how often, and when
//   grace.ts      lets a handler end that is to end
//   answer.ts     asks again while Postgres is away
//   semaphore.ts  lets so many do something at once
//   task.ts       what can be run
//   client.ts     all that an outsider can say
//   report.ts     what differs between a program and its log
//   history.ts    the event log of a task, compared with what the program does
//   delivery.ts   tells a program what came of its calls, in the order of the log
//   suspension.ts suspends a task that waits for its children
//   context.ts    all that a running handler can say
//   execute.ts    one claimed task in, its outcome out
//   outcome.ts    writes an outcome down
//   lease.ts      shows that a worker is alive
//   worker.ts     claims tasks, executes them, and takes over what the dead have left
//   signals.ts    stops a worker when its process is told to

export { type Stored, type StoredError, UnstorableValueError } from "shared/values";
export type { Json } from "../sql/queries.ts";
export {
  cancel,
  type EnqueueOptions,
  enqueue,
  enqueueMany,
  replay,
  result,
  retry,
  setConcurrencyLimit,
  type TaskResult,
} from "./client.ts";
export {
  CancelledError,
  ChildFailedError,
  ClaimLostError,
  NonDeterminismError,
  NonRetryableError,
  StepFailedError,
  TimeoutError,
  UnknownConcurrencyKeyError,
  WorkerStoppedError,
} from "./errors.ts";
export type { RetryPolicy } from "./retry.ts";
export { runUntilSignal } from "./signals.ts";
export {
  type ChildOptions,
  type DurableContext,
  durableTask,
  type StepInfo,
  type StepOptions,
  type TaskContext,
  type TaskDefinition,
  type TaskOptions,
  task,
} from "./task.ts";
export { Worker, type WorkerOptions } from "./worker.ts";
