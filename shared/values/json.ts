import { createHash } from "node:crypto";
import { looksStorable, refuseUnstorable, UnstorableValueError } from "./unstorable.ts";

// A table of tasks is no place for files.
const MAX_BYTES = 16 * 1024 * 1024;

// JSON.stringify escapes NUL and lone surrogates, and it escapes backslashes. So a string that contains
// the six harmless characters `\u0000` matches too.
const MAY_BE_UNSTORABLE = /\\u(0000|d[89a-f])/;

// V8's messages for a string that is too long, and for a stack that overflows.
const LIMITS = ["Invalid string length", "Maximum call stack size exceeded"];

/**
 * What a `T` is once it has been stored and read again: a date is a string, `undefined` is null, and what cannot be
 * stored, such as a function or a promise, is `never`.
 */
export type Stored<T> = T extends { toJSON(...args: never[]): infer Json }
  ? Stored<Json>
  : T extends string | number | boolean | null
    ? T
    : T extends void
      ? null
      : T extends Unstorable
        ? never
        : T extends readonly unknown[]
          ? { [Key in keyof T]: Stored<T[Key]> }
          : T extends object
            ? { [Key in keyof T]: StoredProperty<T[Key]> }
            : T;

// Not Error: to TypeScript, any object with a name and a message is one.
type Unstorable =
  | bigint
  | symbol
  | ((...args: never[]) => unknown)
  | PromiseLike<unknown>
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | RegExp
  | ArrayBufferLike
  | ArrayBufferView;

// JSON leaves out a property that is `undefined`.
type StoredProperty<T> = Stored<Exclude<T, undefined>> | Extract<T, undefined>;

/**
 * Returns `value` as JSON. As with `JSON.stringify`, a date becomes a string, and a property that is `undefined` is left
 * out; `undefined` by itself becomes null. An object of a class becomes what its `toJSON` returns, or else a plain object.
 * Throws an `UnstorableValueError`, whose path begins with `path`, if a part of `value` is an object whose content JSON
 * would lose, such as a Map, an Error or a promise; if Postgres could not store the result; if it is larger than 16 MB;
 * or if it is nested more than 1,000 levels deep. Getters, and a `toJSON` other than a date's, are called twice.
 */
export function encodeJson(value: unknown, path: string): string {
  const text = stringify(value ?? null, path);
  // Finding the place takes many times as long as encoding, so we only look for it in what looks suspicious.
  if (!looksStorable(value)) refuseUnstorable(value, path);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) {
    throw new UnstorableValueError(path, `is ${bytes} bytes of JSON; at most ${MAX_BYTES} fit`);
  }
  if (MAY_BE_UNSTORABLE.test(text)) refuseUnstorable(JSON.parse(text), path);
  return text;
}

/** Returns the SHA-256 of `value` as JSON. The order of an object's keys makes no difference. Throws as `encodeJson` does. */
export function hashJson(value: unknown, path: string): string {
  const canonical = JSON.stringify(JSON.parse(encodeJson(value, path)), (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
  return createHash("sha256").update(canonical).digest("hex");
}

function stringify(value: unknown, path: string): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (thrown) {
    if (isLimit(thrown)) {
      throw new UnstorableValueError(path, "is too long or too deeply nested", { cause: thrown });
    }
    refuseUnstorable(value, path);
    throw new UnstorableValueError(path, "cannot be turned into JSON", { cause: thrown });
  }
  if (text === undefined) {
    throw new UnstorableValueError(path, `is of type ${typeof value}, which JSON cannot hold`);
  }
  return text;
}

/** Returns true for V8's own errors, and false for one that a getter or a `toJSON` of the value has thrown. */
function isLimit(thrown: unknown): boolean {
  try {
    return thrown instanceof RangeError && LIMITS.includes(thrown.message);
  } catch {
    return false;
  }
}
