import type { Queryable } from "./pgtyped.ts";

/**
 * Whether a query that failed may work when it is tried again later: Postgres could not be reached, went away,
 * had too much to do, or gave way in a conflict. Whether the query was carried out all the same is not known.
 */
export function isTransientError(error: unknown): boolean {
  const code = codeOf(error);
  return CONNECTION_CODES.has(code) || /^(08|40|53|55|57|58)/.test(code);
}

/**
 * Whether a transaction came to nothing for no fault of its own: its connection was lost, or Postgres gave way in a
 * conflict. If it was being committed, whether it has been is not known.
 */
export function isLostTransaction(error: unknown): boolean {
  const code = codeOf(error);
  return CONNECTION_CODES.has(code) || isConflict(error) || /^(08|57P0)/.test(code);
}

/** Whether Postgres has rolled a transaction back so that another one could go on. */
export function isConflict(error: unknown): boolean {
  return /^40/.test(codeOf(error));
}

/** Whether Postgres still answers on this connection, if only to say that its transaction has failed. */
export async function answers(connection: Pick<Queryable, "unsafe">): Promise<boolean> {
  try {
    await connection.unsafe("select");
    return true;
  } catch (error) {
    return !isLostTransaction(error);
  }
}

/** Whether the unique index of this name has refused a row, because it holds one like it. */
export function isDuplicate(error: unknown, index: string): boolean {
  const { constraint_name } = (error ?? {}) as { constraint_name?: unknown };
  return codeOf(error) === "23505" && constraint_name === index;
}

/** Whether the foreign key of this name has refused a row, because what it refers to is not there. */
export function isUnknownReference(error: unknown, foreignKey: string): boolean {
  const { constraint_name } = (error ?? {}) as { constraint_name?: unknown };
  return codeOf(error) === "23503" && constraint_name === foreignKey;
}

/** Whether Postgres cannot do what a query asks with the values that it was given, now or ever. */
export function isDataError(error: unknown): boolean {
  return /^(22|23|54)/.test(codeOf(error));
}

/** Whether a query was refused for what is in one of its rows: by Postgres, or by a trigger of somebody's. */
export function isRefusedRow(error: unknown): boolean {
  return isDataError(error) || /^P0/.test(codeOf(error));
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null | undefined)?.code ?? "");
}

const CONNECTION_CODES = new Set([
  // Of the driver.
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  // Of Node.
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);
