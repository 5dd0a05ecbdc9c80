import type { Queryable } from "./pgtyped.ts";

/** What an error says about the statement that failed with it. */
export type Meaning =
  /** Not carried out: rolled back so that another transaction could go on. Run the whole transaction again, at once. */
  | "conflict"
  /** Not carried out: no connection to a server that writes. Try again later. */
  | "unreachable"
  /** Perhaps carried out: the connection broke before the answer came. Repeat it only if it may happen twice. */
  | "unanswered"
  /** Not carried out: the server has no time or no room for it, or another transaction is in its way. Try again later. */
  | "busy"
  /** Refused for good, for one of its values. */
  | "bad value"
  /** Refused for good, by a function or a trigger of the user's. */
  | "raised";

/** By SQLSTATE. A whole code counts before its class; what is not here is refused for good, whatever its values. */
export const SQLSTATES: Record<string, Meaning> = {
  "08": "unanswered",
  "08001": "unreachable",
  "08004": "unreachable",
  "22": "bad value",
  "23": "bad value",
  // Read-only, as after a failover. The patched driver gives the connection up, and the next one may get to the new primary.
  "25006": "unreachable",
  // The server ends a connection that has idled in a transaction, or a transaction, for too long.
  "25P03": "unanswered",
  "25P04": "unanswered",
  "40": "conflict",
  // "Statement completion unknown"
  "40003": "unanswered",
  // Out of disk, of memory, of what its configuration allows.
  "53": "busy",
  // Too many connections: the server refuses another one.
  "53300": "unreachable",
  "54": "bad value",
  // The object, or the row, is in use by others: `lock_timeout`, `nowait`.
  "55006": "busy",
  "55P03": "busy",
  // Cancelled: `statement_timeout`, `pg_cancel_backend`.
  "57014": "busy",
  // The server stops, crashes, drops the database, or ends a connection that has idled for too long.
  "57P01": "unanswered",
  "57P02": "unanswered",
  "57P04": "unanswered",
  "57P05": "unanswered",
  // It is starting up, or shutting down.
  "57P03": "unreachable",
  // Errors of the operating system.
  "58": "busy",
  P0: "raised",
};

/** By the `code` that the driver or Node gives an error of the network. */
export const NETWORK_CODES: Record<string, Meaning> = {
  CONNECT_TIMEOUT: "unreachable",
  CONNECTION_CLOSED: "unanswered",
  CONNECTION_DESTROYED: "unanswered",
  ECONNREFUSED: "unreachable",
  // There is no such Unix socket.
  ENOENT: "unreachable",
  ENOTFOUND: "unreachable",
  EAI_AGAIN: "unreachable",
  ECONNRESET: "unanswered",
  EHOSTUNREACH: "unanswered",
  ENETUNREACH: "unanswered",
  EPIPE: "unanswered",
  ETIMEDOUT: "unanswered",
};

/** Returns what an error says about the statement that failed with it; undefined if trying again is pointless. */
export function meaningOf(error: unknown): Meaning | undefined {
  const state = sqlState(error);
  if (state !== undefined) return SQLSTATES[state] ?? SQLSTATES[state.slice(0, 2)];
  return error instanceof Error ? NETWORK_CODES[codeOf(error)] : undefined;
}

/**
 * Whether a query that failed may work when it is tried again later: Postgres is unreachable, went away, is too busy, or
 * has rolled it back in a conflict. Whether the query was carried out is not known, unless its meaning says so.
 */
export function isTransientError(error: unknown): boolean {
  return isLostTransaction(error) || meaningOf(error) === "busy";
}

/**
 * Whether a transaction was lost through no fault of its own: with its connection, or in a conflict. If it was being
 * committed, whether it has been is not known.
 */
export function isLostTransaction(error: unknown): boolean {
  const meaning = meaningOf(error);
  return meaning === "conflict" || meaning === "unreachable" || meaning === "unanswered";
}

/** Whether Postgres has rolled a transaction back so that another one could go on. */
export function isConflict(error: unknown): boolean {
  return meaningOf(error) === "conflict";
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

/** Whether the unique index of this name has refused a row that it already holds. */
export function isDuplicate(error: unknown, index: string): boolean {
  return sqlState(error) === "23505" && constraintOf(error) === index;
}

/** Whether the foreign key of this name has refused a row, because the row that it refers to is not there. */
export function isUnknownReference(error: unknown, foreignKey: string): boolean {
  return sqlState(error) === "23503" && constraintOf(error) === foreignKey;
}

/** Whether Postgres cannot do what a query asks with the values that it was given, now or ever. */
export function isDataError(error: unknown): boolean {
  return meaningOf(error) === "bad value";
}

/** Whether a query was refused for what is in one of its rows: by Postgres, or by a trigger of the user's. */
export function isRefusedRow(error: unknown): boolean {
  return isDataError(error) || meaningOf(error) === "raised";
}

/**
 * The code of an error that Postgres has sent; an application's own error may have such a code too. The driver's class
 * is no sign of it: a bundle may hold a second copy, and rename it. The field is: Postgres sends it with every error.
 */
function sqlState(error: unknown): string | undefined {
  return error instanceof Error && "severity_local" in error ? codeOf(error) : undefined;
}

function codeOf(error: object): string {
  return String((error as { code?: unknown }).code ?? "");
}

function constraintOf(error: unknown): unknown {
  return (error as { constraint_name?: unknown }).constraint_name;
}
