import { lossOf } from "./lossy-objects.ts";

// Levels. Postgres refuses some thousands; how many depends on its settings.
const MAX_DEPTH = 1_000;

// An index entry takes some 2,700 bytes, and may have to hold three such strings.
const MAX_KEY_BYTES = 850;

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

/**
 * Returns false if `refuseUnstorable` could refuse `value` for more than one of its strings. It takes some 40 ns per
 * object, as it keeps no path and allocates nothing. There must be no circular reference.
 */
export function looksStorable(value: unknown): boolean {
  try {
    return !isObject(value) || isStorable(value, "", MAX_DEPTH);
  } catch {
    return false;
  }
}

function isStorable(value: object, key: string | number, levels: number): boolean {
  const { toJSON } = value as { toJSON?: unknown };
  // Common, and ten times as slow as everything else here.
  if (toJSON === Date.prototype.toJSON) return true;
  const json: unknown = typeof toJSON === "function" ? toJSON.call(value, `${key}`) : value;
  if (typeof json !== "object" || json === null) return true;
  if (levels === 0 || lossOf(json) !== undefined) return false;

  if (Array.isArray(json)) {
    for (let index = 0; index < json.length; index += 1) {
      const child: unknown = json[index];
      if (isObject(child) && !isStorable(child, index, levels - 1)) return false;
    }
    return true;
  }
  // A `for in` does not allocate the keys. It also visits inherited ones, which refuseUnstorable then disregards.
  for (const name in json) {
    const child = (json as Record<string, unknown>)[name];
    if (isObject(child) && !isStorable(child, name, levels - 1)) return false;
  }
  return true;
}

/** Returns true for what JSON.stringify asks for a `toJSON`. */
function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** Walks `value` in the order of JSON.stringify, and throws for the first part that cannot be stored. */
export function refuseUnstorable(value: unknown, path: string): void {
  const ancestors: object[] = [];
  const refuse = (json: unknown, at: string): void => {
    if (typeof json === "string") checkText(json, at);
    if (typeof json === "bigint") {
      throw new UnstorableValueError(
        at,
        "is a BigInt, which JSON cannot hold; send it as a string",
      );
    }
    if (typeof json !== "object" || json === null) return;
    if (ancestors.includes(json)) throw new UnstorableValueError(at, "is a circular reference");
    if (ancestors.length === MAX_DEPTH) {
      throw new UnstorableValueError(path, "is too deeply nested");
    }
    // A proxy can make each of these throw.
    const loss = read(at, () => lossOf(json));
    if (loss !== undefined) throw new UnstorableValueError(at, loss);
    const keys = read(at, () => Object.keys(json));
    const isArray = read(at, () => Array.isArray(json));
    ancestors.push(json);
    for (const key of keys) {
      const childAt = childPath(at, key, isArray);
      checkText(key, childAt);
      refuse(
        read(childAt, () => withoutToJson((json as Record<string, unknown>)[key], key)),
        childAt,
      );
    }
    ancestors.pop();
  };
  refuse(
    read(path, () => withoutToJson(value, "")),
    path,
  );
}

function withoutToJson(value: unknown, key: string): unknown {
  const toJson = (value as { toJSON?: unknown } | null | undefined)?.toJSON;
  return typeof toJson === "function" ? toJson.call(value, key) : value;
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
