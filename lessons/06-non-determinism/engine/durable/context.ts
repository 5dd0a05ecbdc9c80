import { randomUUID } from "node:crypto";
import { pgtyped, type ReservedSql, type RunTransaction } from "shared/database";
import { encodeJson, type Stored } from "shared/values";
import type { StepInfo, StepOptions, TaskContext } from "../task.ts";
import type { Calls } from "./calls.ts";
import type { Call } from "./event-log.ts";
import type { Work } from "./run-step.ts";
import { runTransaction } from "./run-transaction.ts";

type Means = {
  calls: Calls;
  transaction: RunTransaction;
  signal: AbortSignal;
  /** Runs a function. Rejects if the signal has fired and the function does not end within the grace period. */
  inTime: <T>(run: () => Promise<T> | T) => Promise<T>;
};

/** Returns the context of a run. */
export function makeContext(
  { id, attempt }: { id: string; attempt: number },
  { calls, inTime, signal, transaction }: Means,
): TaskContext {
  const { log } = calls;
  const succeed = (call: Call, { attempt }: StepInfo, output?: string) =>
    log.append(call, attempt, { status: "succeeded", ...(output !== undefined && { output }) });
  return {
    taskId: id,
    attempt,
    signal,

    step<T>(name: string, run: (step: StepInfo) => Promise<T> | T, options: StepOptions = {}) {
      const settled = calls.make("step", name, options, async (call, step) => {
        const output = encodeJson(await run(step), "output");
        // A crash here runs the step again: at least once, and never after its event.
        return succeed(call, step, output);
      });
      return settled as Promise<Stored<T>>;
    },

    transaction<T>(
      name: string,
      run: (sql: ReservedSql, step: StepInfo) => Promise<T> | T,
      options: StepOptions = {},
    ) {
      const settled = calls.make("transaction", name, options, (call, step) => {
        const work = async (tx: ReservedSql) => {
          const output = encodeJson(await inTime(() => run(tx, step)), "output");
          const result = { status: "succeeded", output } as const;
          return log.appendOn(pgtyped(tx), call, step.attempt, result);
        };
        const onInDoubt = (error: unknown) => log.drop(call, error);
        return runTransaction(transaction, work, { signal, onInDoubt });
      });
      return settled as Promise<Stored<T>>;
    },

    now() {
      // Postgres makes the output.
      const time = calls.make("now", "now", {}, (call, step) => succeed(call, step));
      const date = time.then((text) => new Date(text as string));
      date.catch(() => {});
      return date;
    },

    random() {
      const work: Work = (call, step) => succeed(call, step, JSON.stringify(Math.random()));
      return calls.make("random", "random", {}, work) as Promise<number>;
    },

    uuid() {
      const work: Work = (call, step) => succeed(call, step, JSON.stringify(randomUUID()));
      return calls.make("uuid", "uuid", {}, work) as Promise<string>;
    },

    patched(name: string) {
      const work: Work = (call, step) => succeed(call, step, "true");
      return calls.patched(name, work) as Promise<boolean>;
    },
  };
}
