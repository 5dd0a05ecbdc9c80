/** Returns an error like the driver's for this SQLSTATE and message from Postgres. */
export function postgresError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, severity_local: "ERROR" });
}
