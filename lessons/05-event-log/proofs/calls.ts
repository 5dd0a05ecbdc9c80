import type { Sql } from "shared/database";
import type { TaskContext } from "#engine";

type Calls = Pick<TaskContext, "step" | "transaction">;

/** Returns the context's calls. For an engine without an event log, they only run the functions. */
export function calls(context: TaskContext, sql: Sql): Calls {
  const { step, transaction } = context as Partial<Calls>;
  const info = { attempt: context.attempt, signal: context.signal, idempotencyKey: "" };
  return {
    step: step ?? (async (_, run) => (await run(info)) as never),
    transaction:
      transaction ??
      (async (_, run) => (await sql.begin((tx) => run(tx as never, info) as never)) as never),
  };
}
