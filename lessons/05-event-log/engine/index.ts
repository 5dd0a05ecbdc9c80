// The engine, in reading order:
//
//   errors.ts                  errors that end a handler, or that a caller may want to catch
//   retry-policy.ts            the number of attempts, and the wait between two
//   task.ts                    definitions: a name, a handler and its options
//   client.ts                  the client API: add and cancel tasks, set limits, read results
//   durable/pause.ts           a wait of any length that can be interrupted
//   durable/lifetime.ts        the time in which the calls of a run settle
//   durable/event-log.ts       the event log of a running task
//   durable/run-step.ts        attempts a step until it succeeds or has failed for good
//   durable/run-transaction.ts runs a transaction until it has committed or failed for good
//   durable/calls.ts           the calls of a run: takes a result from the log, or runs the step
//   durable/context.ts         what a handler can call
//   worker/log.ts              lines of a log that cannot fail
//   worker/options.ts          a worker's options and their defaults
//   worker/grace-period.ts     time for an aborted handler to finish
//   worker/execute.ts          calls the handler of a claimed task, returns its outcome
//   worker/save-outcome.ts     writes an outcome, again and again while Postgres is away
//   worker/run-task.ts         runs one claimed task and writes its outcome
//   worker/wake-signal.ts      interrupts the wait for the next poll
//   worker/runs.ts             what a worker is running, and its free slots
//   worker/lease.ts            a worker's row, and its heartbeat
//   worker/upkeep.ts           drops what the worker has lost, requeues what lost workers left
//   worker/worker.ts           the loop: upkeep, claim, run
//   worker/run-until-signal.ts stops a worker at SIGTERM or SIGINT

export { type Stored, type StoredError, UnstorableValueError } from "shared/values";
export type { Json } from "../sql/queries.ts";
export {
  cancel,
  type EnqueueOptions,
  enqueue,
  enqueueMany,
  type NewTask,
  result,
  setConcurrencyLimit,
  type TaskResult,
} from "./client.ts";
export {
  CancelledError,
  ClaimLostError,
  NonRetryableError,
  RunDroppedError,
  StepFailedError,
  TimeoutError,
  UnknownConcurrencyKeyError,
  WorkerStoppedError,
} from "./errors.ts";
export type { RetryPolicy } from "./retry-policy.ts";
export {
  type StepInfo,
  type StepOptions,
  type TaskContext,
  type TaskDefinition,
  task,
} from "./task.ts";
export type { WorkerOptions } from "./worker/options.ts";
export { runUntilSignal } from "./worker/run-until-signal.ts";
export { Worker } from "./worker/worker.ts";
