import { pgtyped, type ReservedSql, type RunTransaction } from "shared/database";
import { encodeJson, type Stored } from "shared/values";
import type { StepInfo, StepOptions, TaskContext } from "../task.ts";
import type { Calls } from "./calls.ts";
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
  return {
    taskId: id,
    attempt,
    signal,

    step<T>(name: string, run: (step: StepInfo) => Promise<T> | T, options: StepOptions = {}) {
      const settled = calls.make("step", name, options, async (call, step) => {
        const output = encodeJson(await run(step), "output");
        // A crash here runs the step again: at least once, and never after its event.
        return log.append(call, step.attempt, { status: "succeeded", output });
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
  };
}
