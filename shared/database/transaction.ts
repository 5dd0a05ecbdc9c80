import type { ReservedSql, Sql } from "./connect.ts";

/**
 * Runs `work` in one transaction on a connection of its own: commits when it returns, rolls back and
 * rethrows when it throws. Everything that is part of the transaction must use the `tx` it is given.
 *
 * Not `sql.begin()`: up to version 3.4.9 it may send BEGIN without holding the connection when the pool
 * is saturated, and another transaction's COMMIT then commits half of this one.
 * https://github.com/porsager/postgres/issues/1189
 */
export async function transaction<T>(sql: Sql, work: (tx: ReservedSql) => Promise<T>): Promise<T> {
  const tx = await sql.reserve();
  try {
    await tx`begin`;
    const result = await work(tx);
    await tx`commit`;
    return result;
  } catch (error) {
    // On a broken connection the rollback fails too; the server rolled back when it lost us. What the
    // caller needs to see is the first error.
    await tx`rollback`.catch(() => {});
    throw error;
  } finally {
    tx.release();
  }
}
