import type { Sql } from "shared/database";
import type { TaskContext } from "#engine";

type Calls = Pick<TaskContext, "step" | "transaction">;

/** The context's calls. An engine that has none runs the functions as they are, as its handlers would. */
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
