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
export function describeError(thrown: unknown, depth = 0): StoredError {
  try {
    if (!(thrown instanceof Error)) {
      return { name: "NonError", message: storable(`The handler threw ${inspect(thrown)}`) };
    }
    return {
      name: storable(thrown.name),
      message: storable(thrown.message),
      ...(thrown.stack !== undefined && { stack: storable(thrown.stack) }),
      // A cause may lead back to where it began.
      ...(thrown.cause !== undefined &&
        depth < MAX_CAUSES && { cause: describeError(thrown.cause, depth + 1) }),
    };
  } catch {
    // A getter or a proxy of the handler's threw while we looked.
    return { name: "NonError", message: "The handler threw something that cannot be described" };
  }
}

const MAX_CAUSES = 5;
const MAX_LENGTH = 10_000;

function storable(text: unknown): string {
  const whole = typeof text === "string" ? text : inspect(text);
  const rest = whole.length - MAX_LENGTH;
  const short = rest > 0 ? `${whole.slice(0, MAX_LENGTH)}… (${rest} more characters)` : whole;
  // Postgres stores neither NUL nor half a surrogate pair.
  return short.replaceAll("\0", "␀").toWellFormed();
}
