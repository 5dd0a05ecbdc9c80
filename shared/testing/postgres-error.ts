/** Returns an error as the driver makes it of what Postgres sends. */
export function postgresError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, severity_local: "ERROR" });
}
