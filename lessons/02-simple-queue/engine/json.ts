import { UnstorableValueError } from "./errors.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The longest JSON text that is stored, in bytes. A queue is no place for files. */
export const MAX_JSON_BYTES = 16 * 1024 * 1024;

/**
 * The JSON text of `value`. What `JSON.stringify` changes is changed here too: a date becomes text,
 * `undefined` in an object is gone; `undefined` by itself is null. What cannot be stored throws an
 * `UnstorableValueError` with the path of the offending value, starting with `path`:
 * `input.items[2].price`.
 */
export function encodeJson(value: unknown, path: string): string {
  const text = stringify(value ?? null, path);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_JSON_BYTES) {
    throw new UnstorableValueError(
      path,
      `is ${bytes} bytes of JSON; at most ${MAX_JSON_BYTES} fit`,
    );
  }
  return text;
}

/** Throws an `UnstorableValueError` unless Postgres can store `text`. */
export function checkText(text: string, path: string): void {
  if (text.includes("\0")) {
    throw new UnstorableValueError(path, "contains a NUL character, which Postgres cannot store");
  }
  if (!text.isWellFormed()) {
    throw new UnstorableValueError(path, "contains half a surrogate pair, which is no valid text");
  }
}

function stringify(value: unknown, path: string): string {
  try {
    const text: string | undefined = JSON.stringify(value);
    // Finding the place costs many times the encoding, so only what looks wrong is searched.
    if (text === undefined || MAY_BE_UNSTORABLE.test(text)) refuseUnstorable(value, path, []);
    return text;
  } catch (thrown) {
    if (thrown instanceof UnstorableValueError) throw thrown;
    if (thrown instanceof RangeError) {
      throw new UnstorableValueError(path, "is too long or too deeply nested", { cause: thrown });
    }
    refuseUnstorable(value, path, []);
    throw new UnstorableValueError(path, "cannot be turned into JSON", { cause: thrown });
  }
}

// NUL and halves of surrogate pairs come out of JSON.stringify as escapes. A backslash does too, so
// the six harmless characters `\u0000` also match: a suspicion, not a verdict.
const MAY_BE_UNSTORABLE = /\\u(0000|d[89a-f])/;

/** Walks as JSON.stringify does, and throws at the first thing that cannot be stored. */
function refuseUnstorable(value: unknown, path: string, ancestors: object[]): void {
  const json = read(path, () => withoutToJson(value));
  if (typeof json === "bigint") {
    throw new UnstorableValueError(
      path,
      "is a BigInt, which JSON cannot hold; send it as a string",
    );
  }
  if (ancestors.length === 0 && (typeof json === "function" || typeof json === "symbol")) {
    throw new UnstorableValueError(path, `is a ${typeof json}, which JSON cannot hold`);
  }
  if (typeof json === "string") checkText(json, path);
  if (typeof json !== "object" || json === null) return;

  if (ancestors.includes(json)) {
    throw new UnstorableValueError(path, "leads back to an object that contains it");
  }
  for (const key of Object.keys(json)) {
    const at = childPath(path, key, Array.isArray(json));
    checkText(key, at);
    const child = read(at, () => (json as Record<string, unknown>)[key]);
    refuseUnstorable(child, at, [...ancestors, json]);
  }
}

function withoutToJson(value: unknown): unknown {
  const toJson = (value as { toJSON?: unknown } | null | undefined)?.toJSON;
  return typeof toJson === "function" ? toJson.call(value) : value;
}

function read(path: string, get: () => unknown): unknown {
  try {
    return get();
  } catch (thrown) {
    throw new UnstorableValueError(path, "throws when it is read", { cause: thrown });
  }
}

function childPath(path: string, key: string, isIndex: boolean): string {
  if (isIndex) return `${path}[${key}]`;
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)
    ? `${path}.${key}`
    : `${path}[${JSON.stringify(key)}]`;
}
