import type { ReservedSql, Sql } from "./connect.ts";

/**
 * Runs `work` in one transaction on a connection of its own: commits when it returns, rolls back and
 * rethrows when it throws. Everything that is part of the transaction must use the `tx` it is given, and
 * be awaited: once `work` has ended, `tx` refuses. Returns only if Postgres has committed.
 *
 * Not `sql.begin()`: up to version 3.4.9 it may send BEGIN without holding the connection when the pool
 * is saturated, and another transaction's COMMIT then commits half of this one.
 * https://github.com/porsager/postgres/issues/1189
 */
export async function transaction<T>(sql: Sql, work: (tx: ReservedSql) => Promise<T>): Promise<T> {
  const tx = await sql.reserve();
  const lent = lend(tx);
  try {
    await tx`begin`;
    const result = await work(lent.tx).finally(lent.takeBack);
    // After an error that `work` caught and kept to itself, Postgres answers COMMIT with a rollback.
    const { command } = await tx`commit`;
    if (command === "COMMIT") return result;
    throw new Error("The transaction was rolled back: one of its statements had failed");
  } catch (error) {
    // On a broken connection the rollback fails too; the server rolled back when it lost us. What the
    // caller needs to see is the first error.
    await tx`rollback`.catch(() => {});
    throw error;
  } finally {
    tx.release();
  }
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
