/**
 * An error whose message is all that the reader of the terminal needs: which thing, what happened,
 * what to do next. Whoever prints it leaves the stack out.
 */
export class UserError extends Error {
  override name = "UserError";
}

/** Prints a `UserError` as one line and anything else whole, and makes the process exit with 1. */
export function reportAndFail(error: unknown): void {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = 1;
}
