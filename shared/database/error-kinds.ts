/**
 * Whether a query that failed may work when it is tried again later: Postgres could not be reached, went away,
 * had too much to do, or gave way in a conflict. Whether the query was carried out all the same is not known.
 */
export function isTransientError(error: unknown): boolean {
  const code = codeOf(error);
  return CONNECTION_CODES.has(code) || /^(08|40|53|55|57|58)/.test(code);
}

/** Whether Postgres cannot do what a query asks with the values that it was given, now or ever. */
export function isDataError(error: unknown): boolean {
  return /^(22|23|54)/.test(codeOf(error));
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
