/**
 * Whether a query failed because Postgres could not be reached, or went away: it may work when tried again
 * later. Whether it was carried out all the same is not known.
 */
export function isConnectionError(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null | undefined)?.code);
  return CODES.has(code) || code.startsWith("08");
}

const CODES = new Set([
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
  // Of Postgres: too many connections, shutting down, crashed, starting up.
  "53300",
  "57P01",
  "57P02",
  "57P03",
]);
