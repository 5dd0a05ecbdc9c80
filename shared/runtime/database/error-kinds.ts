import type { Queryable } from "./pgtyped.ts";

/** What an error implies for the statement that failed. */
export type Meaning =
  /** Not executed: a deadlock or a serialization failure aborted the transaction. Run the whole transaction again, at once. */
  | "conflict"
  /** Not executed: no connection to a writable server. Try again later. */
  | "unreachable"
  /** Possibly executed: the connection broke before the reply. Repeat the statement only if it may run twice. */
  | "unanswered"
  /** Not executed: the server lacks time or resources, or another transaction holds a lock. Try again later. */
  | "busy"
  /** Rejected permanently, because of one of its values. */
  | "bad value"
  /** Rejected permanently, by a function or trigger of the user. */
  | "raised";

/**
 * By SQLSTATE. A full code takes precedence over its class. A statement whose error is not listed is rejected permanently,
 * whatever its values.
 */
export const SQLSTATES: Record<string, Meaning> = {
  "08": "unanswered",
  "08001": "unreachable",
  "08004": "unreachable",
  "22": "bad value",
  "23": "bad value",
  // Read-only, as after a failover. The patched driver closes the connection; the next one may reach the new primary.
  "25006": "unreachable",
  // `idle_in_transaction_session_timeout`, `transaction_timeout`
  "25P03": "unanswered",
  "25P04": "unanswered",
  "40": "conflict",
  // "Statement completion unknown"
  "40003": "unanswered",
  // Out of disk space, out of memory, or over a configured limit.
  "53": "busy",
  // Too many connections.
  "53300": "unreachable",
  "54": "bad value",
  // Another transaction has locked the table or the row: `lock_timeout`, `nowait`.
  "55006": "busy",
  "55P03": "busy",
  // Cancelled: `statement_timeout`, `pg_cancel_backend`.
  "57014": "busy",
  // The server was shut down, crashed, dropped the database, or closed a connection that was idle for too long.
  "57P01": "unanswered",
  "57P02": "unanswered",
  "57P04": "unanswered",
  "57P05": "unanswered",
  // The server is starting up or shutting down.
  "57P03": "unreachable",
  // Errors from the operating system.
  "58": "busy",
  P0: "raised",
};

/** By the `code` of a network error from the driver or from Node. */
export const NETWORK_CODES: Record<string, Meaning> = {
  CONNECT_TIMEOUT: "unreachable",
  CONNECTION_CLOSED: "unanswered",
  CONNECTION_DESTROYED: "unanswered",
  ECONNREFUSED: "unreachable",
  // The Unix socket does not exist; `meaningOf` tells it from a missing file.
  ENOENT: "unreachable",
  ENOTFOUND: "unreachable",
  EAI_AGAIN: "unreachable",
  ECONNRESET: "unanswered",
  EHOSTUNREACH: "unanswered",
  ENETUNREACH: "unanswered",
  EPIPE: "unanswered",
  ETIMEDOUT: "unanswered",
  // Of our `NoReplyError`.
  NO_REPLY: "unanswered",
};

// Of several errors, one of which had to succeed, the first meaning in this list counts: it demands the most care.
const TRANSIENT: Meaning[] = ["unanswered", "unreachable", "busy", "conflict"];

/** Returns what an error implies for the statement that failed; undefined if retrying is pointless. */
export function meaningOf(error: unknown): Meaning | undefined {
  const meaning = ownMeaning(error);
  if (meaning !== undefined || !(error instanceof AggregateError)) return meaning;
  // Node's error has the code of the first of a host's addresses, and that of `Promise.any` has none.
  const meanings = error.errors.map(ownMeaning);
  return TRANSIENT.find((each) => meanings.includes(each));
}

function ownMeaning(error: unknown): Meaning | undefined {
  const state = sqlState(error);
  if (state !== undefined) return SQLSTATES[state] ?? SQLSTATES[state.slice(0, 2)];
  if (!(error instanceof Error)) return undefined;
  const code = codeOf(error);
  const isOfFile = code === "ENOENT" && (error as NodeJS.ErrnoException).syscall !== "connect";
  return isOfFile ? undefined : NETWORK_CODES[code];
}

/**
 * Returns true if a failed query may succeed later: Postgres is unreachable, has closed the connection, is too busy, or
 * aborted the transaction because of a deadlock or a serialization failure. The query may have been executed, unless its
 * meaning rules that out.
 */
export function isTransientError(error: unknown): boolean {
  return isLostTransaction(error) || meaningOf(error) === "busy";
}

/**
 * Returns true if a transaction ended because its connection broke, or because of a deadlock or a serialization failure.
 * If the commit was under way, the transaction may have been committed.
 */
export function isLostTransaction(error: unknown): boolean {
  const meaning = meaningOf(error);
  return meaning === "conflict" || meaning === "unreachable" || meaning === "unanswered";
}

/**
 * Returns true if Postgres has not executed the statement, and may execute it later: there was a conflict, it took too long,
 * or Postgres lacks resources.
 */
export function isRefusedForNow(error: unknown): boolean {
  const meaning = meaningOf(error);
  return meaning === "conflict" || meaning === "busy";
}

/** Returns true if Postgres has not executed the statement, and may execute it later, perhaps on another connection. */
export function isNotExecuted(error: unknown): boolean {
  return isRefusedForNow(error) || meaningOf(error) === "unreachable";
}

/** Returns true if Postgres aborted the transaction because of a deadlock or a serialization failure. */
export function isConflict(error: unknown): boolean {
  return meaningOf(error) === "conflict";
}

/** Returns true if Postgres still answers on this connection, even if only to report that its transaction is aborted. */
export async function answers(connection: Pick<Queryable, "unsafe">): Promise<boolean> {
  try {
    await connection.unsafe("select");
    return true;
  } catch (error) {
    return !isLostTransaction(error);
  }
}

/** Returns true if a row violated the unique index of this name. */
export function isDuplicate(error: unknown, index: string): boolean {
  return sqlState(error) === "23505" && constraintOf(error) === index;
}

/** Returns true if a row violated the foreign key of this name, because the row that it refers to does not exist. */
export function isUnknownReference(error: unknown, foreignKey: string): boolean {
  return sqlState(error) === "23503" && constraintOf(error) === foreignKey;
}

/** Returns true if Postgres can never execute the query with these values. */
export function isDataError(error: unknown): boolean {
  return meaningOf(error) === "bad value";
}

/** Returns true if the values of one of its rows made the query fail: in Postgres itself, or in a trigger of the user. */
export function isRefusedRow(error: unknown): boolean {
  return isDataError(error) || meaningOf(error) === "raised";
}

/**
 * Returns the SQLSTATE of an error that Postgres sent. An application's own error may have such a code, too. We do not test
 * for the driver's class, because a bundle may contain a second, renamed copy of it, but for a field that Postgres sends
 * with every error.
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
