import { inspect } from "node:util";

/** An error as Postgres stores it. */
export type StoredError = {
  name: string;
  message: string;
  stack?: string;
  cause?: StoredError;
  /** The first five errors of an `AggregateError`. */
  errors?: StoredError[];
  /** Retrying it is pointless. */
  nonRetryable?: true;
};

// An error can be its own cause.
const MAX_CAUSES = 5;

// Of an AggregateError, and of those that it contains: it can contain itself.
const MAX_INNER_ERRORS = 5;
const MAX_INNER_LEVELS = 2;

// Characters of each string, and of what an AggregateError says of each of its errors.
const MAX_LENGTH = 10_000;
const MAX_INNER_LENGTH = 1_000;

const UNDESCRIBABLE = "something that cannot be described";

/**
 * Returns what a handler threw in a form that Postgres can always store. Never throws. It follows `cause`, makes NUL and
 * lone surrogates visible, shortens very long strings, and marks each error for which `isNonRetryable` returns true.
 * Default: none. Of an `AggregateError`, it keeps the first five errors, includes their messages in its own, and marks it
 * if all of its errors are marked. An error without a message is described by its class and code.
 */
export function describeError(
  thrown: unknown,
  isNonRetryable: (error: Error) => boolean = () => false,
): StoredError {
  return guarded(
    () =>
      thrown instanceof Error
        ? describe(thrown, isNonRetryable, MAX_CAUSES, MAX_INNER_LEVELS)
        : nonError(`The handler threw ${inspect(thrown)}`),
    nonError(`The handler threw ${UNDESCRIBABLE}`),
  );
}

/** Returns the message of `describeError(thrown)`, for a log line. It is never empty. Never throws. */
export function messageOf(thrown: unknown): string {
  return describeError(thrown).message;
}

/** Returns `otherwise` if a getter or a proxy in what was thrown throws in turn. */
function guarded<T>(describeIt: () => T, otherwise: T): T {
  try {
    return describeIt();
  } catch {
    return otherwise;
  }
}

function describe(
  error: unknown,
  isNonRetryable: (error: Error) => boolean,
  causes: number,
  levels: number,
): StoredError {
  if (!(error instanceof Error)) return nonError(textOf(error));
  const { name, stack, cause } = error;
  // Each reference uses up a level, or else an error that is its own cause and contains itself becomes thousands.
  const describeNext = (next: unknown) =>
    guarded(() => describe(next, isNonRetryable, causes - 1, levels - 1), nonError(UNDESCRIBABLE));
  const errors = innerErrors(error, levels).slice(0, MAX_INNER_ERRORS);
  return {
    name: storable(name),
    message: storable(messageFrom(error, MAX_INNER_LEVELS)),
    ...(stack !== undefined && { stack: storable(stack) }),
    ...(cause !== undefined && causes > 0 && { cause: describeNext(cause) }),
    ...(errors.length > 0 && { errors: errors.map(describeNext) }),
    ...(isFinal(error, isNonRetryable, MAX_INNER_LEVELS) && { nonRetryable: true }),
  };
}

/** Returns true for a non-retryable error, and for an AggregateError of nothing else. */
function isFinal(
  error: unknown,
  isNonRetryable: (error: Error) => boolean,
  levels: number,
): boolean {
  if (!(error instanceof Error)) return false;
  if (isNonRetryable(error)) return true;
  const errors = innerErrors(error, levels);
  const isFinalToo = (each: unknown) =>
    guarded(() => isFinal(each, isNonRetryable, levels - 1), false);
  return errors.length > 0 && errors.every(isFinalToo);
}

function innerErrors(error: Error, levels: number): unknown[] {
  if (!(error instanceof AggregateError) || levels <= 0) return [];
  return Array.isArray(error.errors) ? error.errors : [];
}

function nonError(message: string): StoredError {
  return { name: "NonError", message: storable(message) };
}

/** Returns the error's own message and those of its inner errors, or else its class and code. */
function messageFrom(error: Error, levels: number): string {
  const { name, message, code } = error as NodeJS.ErrnoException;
  const inner = messagesOf(innerErrors(error, levels), levels - 1);
  const messages = [message, inner].filter(isNotBlank);
  if (messages.length > 0) return messages.map(textOf).join(": ");
  const className = name === "Error" ? error.constructor.name : name;
  return [className, code].filter(isNotBlank).map(textOf).join(" ") || "Error";
}

function messagesOf(errors: unknown[], levels: number): string {
  const messages = errors.slice(0, MAX_INNER_ERRORS).map((error) => {
    const describeIt = () => (error instanceof Error ? messageFrom(error, levels) : textOf(error));
    return shortened(guarded(describeIt, UNDESCRIBABLE), MAX_INNER_LENGTH);
  });
  const rest = errors.length - messages.length;
  return [...messages, ...(rest > 0 ? [`${rest} more`] : [])].join("; ");
}

function isNotBlank(value: unknown): boolean {
  return typeof value === "string" ? value.trim() !== "" : value !== undefined && value !== null;
}

function textOf(value: unknown): string {
  return typeof value === "string" && isNotBlank(value) ? value : inspect(value);
}

function shortened(text: string, maxLength: number): string {
  const rest = text.length - maxLength;
  return rest > 0 ? `${text.slice(0, maxLength)}… (${rest} more characters)` : text;
}

function storable(value: unknown): string {
  // Postgres stores neither NUL nor a lone surrogate.
  return shortened(textOf(value), MAX_LENGTH).replaceAll("\0", "␀").toWellFormed();
}
