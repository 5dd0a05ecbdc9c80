import { createHash } from "node:crypto";

// A table of tasks is no place for files.
const MAX_BYTES = 16 * 1024 * 1024;

// Levels. Postgres refuses some thousands; how many depends on its settings.
const MAX_DEPTH = 1_000;

// V8's messages for a string that is too long, and for a stack that overflows.
const LIMITS = ["Invalid string length", "Maximum call stack size exceeded"];

/** Thrown for a value that cannot be stored, before anything is written. */
export class UnstorableValueError extends Error {
  override name = "UnstorableValueError";
  /** Where in the input or output the value is, such as `input.items[2].price`. */
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path} ${problem}`, options);
    this.path = path;
  }
}

/** What a `T` is once it has been stored and read again: a date is a string, `undefined` is null, a function is `never`. */
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

// JSON leaves out a property that is `undefined`.
type StoredProperty<T> = Stored<Exclude<T, undefined>> | Extract<T, undefined>;

/**
 * Returns `value` as JSON. As with `JSON.stringify`, a date becomes a string, and a property that is `undefined` is left
 * out; `undefined` by itself becomes null. Throws an `UnstorableValueError` if Postgres could not store the result, if
 * it is larger than 16 MB, or if it is nested more than 1,000 levels deep. The error's path begins with `path`.
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
  // Walking the value takes many times as long as encoding it, so we only walk what looks suspicious.
  if (MAY_BE_UNSTORABLE.test(text)) refuseUnstorable(JSON.parse(text), path, []);
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

/** Throws an `UnstorableValueError` unless `text` is a string that Postgres can store. */
export function checkText(text: unknown, path: string): void {
  if (typeof text !== "string") throw new UnstorableValueError(path, "must be a string");
  if (text.includes("\0")) {
    throw new UnstorableValueError(path, "contains a NUL character, which Postgres cannot store");
  }
  if (!text.isWellFormed()) {
    throw new UnstorableValueError(path, "contains a lone surrogate, which is not valid Unicode");
  }
}

// An index entry takes some 2,700 bytes, and may have to hold three such strings.
const MAX_KEY_BYTES = 850;

/** Throws an `UnstorableValueError` unless `text` is a non-empty string that Postgres can store and index. */
export function checkKey(text: unknown, path: string): void {
  if (typeof text !== "string" || text === "") {
    throw new UnstorableValueError(path, "must be a non-empty string");
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
    if (isLimit(thrown)) {
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

/** Returns true for V8's own errors, and false for one that a getter or a `toJSON` of the value has thrown. */
function isLimit(thrown: unknown): boolean {
  try {
    return thrown instanceof RangeError && LIMITS.includes(thrown.message);
  } catch {
    return false;
  }
}

function depthOf(text: string): number {
  // Each level takes at least two characters.
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

/** Returns the index of the quote that ends the string beginning at `start`. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return index;
}

// JSON.stringify escapes NUL and lone surrogates, and it escapes backslashes. So a string that contains
// the six harmless characters `\u0000` matches too.
const MAY_BE_UNSTORABLE = /\\u(0000|d[89a-f])/;

/** Walks `value` in the order of JSON.stringify, and throws for the first part that cannot be stored. */
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
    throw new UnstorableValueError(path, "is a circular reference");
  }
  if (ancestors.length > MAX_DEPTH) throw new UnstorableValueError(path, "is too deeply nested");
  // A proxy can make either of them throw.
  const keys = read(path, () => Object.keys(json));
  const isArray = read(path, () => Array.isArray(json));
  for (const key of keys) {
    const at = childPath(path, key, isArray);
    checkText(key, at);
    const child = read(at, () => (json as Record<string, unknown>)[key]);
    refuseUnstorable(child, at, [...ancestors, json]);
  }
}

function withoutToJson(value: unknown): unknown {
  const toJson = (value as { toJSON?: unknown } | null | undefined)?.toJSON;
  return typeof toJson === "function" ? toJson.call(value) : value;
}

function read<T>(path: string, get: () => T): T {
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
