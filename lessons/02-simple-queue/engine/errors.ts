import { inspect } from "node:util";

/** A value that cannot be stored: take it out, or send it in another form. Nothing was written. */
export class UnstorableValueError extends Error {
  override name = "UnstorableValueError";
  /** Where the value stands: `input.items[2].price`. */
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path} ${problem}`, options);
    this.path = path;
  }
}

/** Returns `value`, or throws a `RangeError` that says which option is wrong and what it may be. */
export function wholeNumber(option: string, value: number, from: number, to: number): number {
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new RangeError(`${option} is ${value}; it must be a whole number from ${from} to ${to}`);
}

/** An error as it is kept in a task's row. */
export type StoredError = {
  name: string;
  message: string;
  stack?: string;
  cause?: StoredError;
};

/**
 * Whatever a handler threw, as something that can always be stored: never throws itself, follows
 * `cause`, shows NUL and broken text as visible characters, and shortens what is very long.
 */
export function describeError(thrown: unknown): StoredError {
  try {
    if (thrown instanceof Error) return describe(thrown, MAX_CAUSES);
    return { name: "NonError", message: storable(`The handler threw ${inspect(thrown)}`) };
  } catch {
    // A getter or a proxy of the handler's threw while we looked.
    return { name: "NonError", message: "The handler threw something that cannot be described" };
  }
}

// A cause may lead back to where it began.
const MAX_CAUSES = 5;
const MAX_LENGTH = 10_000;

function describe(error: unknown, causes: number): StoredError {
  if (!(error instanceof Error)) return { name: "NonError", message: storable(error) };
  const { name, message, stack, cause } = error;
  return {
    name: storable(name),
    message: storable(message),
    ...(stack !== undefined && { stack: storable(stack) }),
    ...(cause !== undefined && causes > 0 && { cause: describe(cause, causes - 1) }),
  };
}

function storable(text: unknown): string {
  const whole = typeof text === "string" ? text : inspect(text);
  const rest = whole.length - MAX_LENGTH;
  const short = rest > 0 ? `${whole.slice(0, MAX_LENGTH)}… (${rest} more characters)` : whole;
  // Postgres stores neither NUL nor half a surrogate pair.
  return short.replaceAll("\0", "␀").toWellFormed();
}
