import type { ReservedSql, Sql } from "./connect.ts";

/**
 * Runs `work` in one transaction on a connection of its own. Commits when `work` returns; rolls back and
 * rethrows when it throws. All statements of the transaction must use the given `tx` and be awaited: after
 * `work` has ended, `tx` throws. Returns the result of `work`, and only if Postgres has committed.
 *
 * We do not use `sql.begin()`: up to version 3.4.9, on a saturated pool, it may send BEGIN on a connection that
 * it has not reserved, and another transaction's COMMIT then commits half of this one.
 * https://github.com/porsager/postgres/issues/1189
 */
export async function transaction<T>(sql: Sql, work: (tx: ReservedSql) => Promise<T>): Promise<T> {
  const tx = await sql.reserve();
  const lent = lend(tx);
  try {
    await tx`begin`;
    const result = await work(lent.tx);
    lent.takeBack();
    // If `work` caught the error of a statement, Postgres answers COMMIT with a rollback.
    const { command } = await tx`commit`;
    if (command === "COMMIT") return result;
    throw new Error("The transaction was rolled back: one of its statements had failed");
  } catch (error) {
    lent.takeBack();
    // On a broken connection the rollback fails, too, but the server has already rolled back. The caller needs the
    // first error.
    await tx`rollback`.catch(() => {});
    throw error;
  } finally {
    tx.release();
  }
}

/** Runs `work` in a transaction, see `transaction`. */
export type RunTransaction = <T>(work: (tx: ReservedSql) => Promise<T>) => Promise<T>;

/**
 * Returns a function that runs transactions as `transaction` does, but at most `max` at once. The others wait for their turn,
 * in order, before they take a connection.
 */
export function limitTransactions(sql: Sql, max: number): RunTransaction {
  const waiting: (() => void)[] = [];
  let free = max;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await transaction(sql, work);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}

function lend(tx: ReservedSql): { tx: ReservedSql; takeBack: () => void } {
  let over = false;
  const refuseIfOver = () => {
    if (over) throw new Error("This transaction is over; await all that you start in it");
  };
  const lent = new Proxy(tx, {
    apply(target, _, args) {
      refuseIfOver();
      return Reflect.apply(target, undefined, args);
    },
    get(target, key) {
      refuseIfOver();
      return Reflect.get(target, key);
    },
  });
  return {
    tx: lent,
    takeBack() {
      over = true;
    },
  };
}
