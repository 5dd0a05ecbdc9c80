import { inspect } from "node:util";

/** An error as Postgres stores it. */
export type StoredError = {
  name: string;
  message: string;
  stack?: string;
  cause?: StoredError;
  /** Retrying it is pointless. */
  nonRetryable?: true;
};

/**
 * Returns what a handler threw in a form that Postgres can always store. Never throws. It follows `cause`, makes NUL and
 * lone surrogates visible, shortens very long strings, and marks each error for which `isNonRetryable` returns true.
 * Default: none.
 */
export function describeError(
  thrown: unknown,
  isNonRetryable: (error: Error) => boolean = () => false,
): StoredError {
  try {
    if (thrown instanceof Error) return describe(thrown, isNonRetryable, MAX_CAUSES);
    return { name: "NonError", message: storable(`The handler threw ${inspect(thrown)}`) };
  } catch {
    // A getter or a proxy in what was thrown has thrown in turn.
    return { name: "NonError", message: "The handler threw something that cannot be described" };
  }
}

// An error can be its own cause.
const MAX_CAUSES = 5;

// Characters of each string.
const MAX_LENGTH = 10_000;

function describe(
  error: unknown,
  isNonRetryable: (error: Error) => boolean,
  causes: number,
): StoredError {
  if (!(error instanceof Error)) return { name: "NonError", message: storable(error) };
  const { name, message, stack, cause } = error;
  return {
    name: storable(name),
    message: storable(message),
    ...(stack !== undefined && { stack: storable(stack) }),
    ...(cause !== undefined &&
      causes > 0 && { cause: describe(cause, isNonRetryable, causes - 1) }),
    ...(isNonRetryable(error) && { nonRetryable: true }),
  };
}

function storable(text: unknown): string {
  const whole = typeof text === "string" ? text : inspect(text);
  const rest = whole.length - MAX_LENGTH;
  const short = rest > 0 ? `${whole.slice(0, MAX_LENGTH)}… (${rest} more characters)` : whole;
  // Postgres stores neither NUL nor a lone surrogate.
  return short.replaceAll("\0", "␀").toWellFormed();
}
