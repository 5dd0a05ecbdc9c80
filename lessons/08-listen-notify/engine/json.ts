import { createHash } from "node:crypto";
import { UnstorableValueError } from "./errors.ts";

// A queue is no place for files.
const MAX_BYTES = 16 * 1024 * 1024;

// Postgres gives up at some thousands, depending on its settings.
const MAX_DEPTH = 1_000;

/** What comes back of a `T` that was stored: a date as text, `undefined` as null, a function never. */
export type Stored<T> = T extends { toJSON(...args: never[]): infer Json }
  ? Stored<Json>
  : T extends string | number | boolean | null
    ? T
    : T extends void
      ? null
      : T extends bigint | symbol | ((...args: never[]) => unknown)
        ? never
        : T extends readonly unknown[]
          ? { [Key in keyof T]: Stored<T[Key]> }
          : T extends object
            ? { [Key in keyof T]: StoredProperty<T[Key]> }
            : T;

// `undefined` in an object is gone, so the property may be missing.
type StoredProperty<T> = Stored<Exclude<T, undefined>> | Extract<T, undefined>;

/**
 * The JSON text of `value`. What `JSON.stringify` changes is changed here too: a date becomes text,
 * `undefined` in an object is gone; `undefined` by itself is null. What cannot be stored throws an
 * `UnstorableValueError` with the path of the offending value, starting with `path`:
 * `input.items[2].price`. Stored are at most 16 MB, and 1,000 levels of objects and arrays.
 */
export function encodeJson(value: unknown, path: string): string {
  const text = stringify(value ?? null, path);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) {
    throw new UnstorableValueError(path, `is ${bytes} bytes of JSON; at most ${MAX_BYTES} fit`);
  }
  if (depthOf(text) > MAX_DEPTH) {
    throw new UnstorableValueError(path, "is too deeply nested");
  }
  // Finding the place costs many times the encoding, so only what looks wrong is searched.
  if (MAY_BE_UNSTORABLE.test(text)) refuseUnstorable(JSON.parse(text), path, []);
  return text;
}

/** The SHA-256 of `value` as JSON, whatever the order of its objects' keys. */
export function hashJson(value: unknown, path: string): string {
  const canonical = JSON.stringify(JSON.parse(encodeJson(value, path)), (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
  return createHash("sha256").update(canonical).digest("hex");
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

// An entry of an index has room for some 2,700 bytes, and may have to hold more than one such text.
const MAX_KEY_BYTES = 1_000;

/** Throws an `UnstorableValueError` unless Postgres can store `text`, and find it in an index. */
export function checkKey(text: unknown, path: string): void {
  if (typeof text !== "string" || text === "") {
    throw new UnstorableValueError(path, "must be a text of at least one character");
  }
  checkText(text, path);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_KEY_BYTES) {
    throw new UnstorableValueError(path, `is ${bytes} bytes long; at most ${MAX_KEY_BYTES} fit`);
  }
}

function stringify(value: unknown, path: string): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (thrown) {
    if (thrown instanceof RangeError) {
      throw new UnstorableValueError(path, "is too long or too deeply nested", { cause: thrown });
    }
    refuseUnstorable(value, path, []);
    throw new UnstorableValueError(path, "cannot be turned into JSON", { cause: thrown });
  }
  if (text === undefined) {
    throw new UnstorableValueError(path, `is of type ${typeof value}, which JSON cannot hold`);
  }
  return text;
}

function depthOf(text: string): number {
  // Each level takes two characters at least.
  if (text.length < 2 * MAX_DEPTH) return 0;
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') index = endOfString(text, index);
    else if (character === "[" || character === "{") deepest = Math.max(deepest, ++depth);
    else if (character === "]" || character === "}") depth--;
  }
  return deepest;
}

/** Where the string ends that begins at `start`. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return index;
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
  if (typeof json === "string") checkText(json, path);
  if (typeof json !== "object" || json === null) return;

  if (ancestors.includes(json)) {
    throw new UnstorableValueError(path, "leads back to an object that contains it");
  }
  if (ancestors.length > MAX_DEPTH) throw new UnstorableValueError(path, "is too deeply nested");
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
