import { types } from "node:util";

// What JSON.stringify writes as `{}`, or as an object that nobody would recognize, and what to do instead. The checks of
// node:util also know the objects of another realm, such as a vm context. A Buffer never comes here: it has a `toJSON`, and
// Buffer.from accepts what that returns.
const LOSSY_OBJECTS: [is: (value: object) => boolean, advice: string][] = [
  [isThenable, "await it first"],
  [types.isMap, "convert it to an object or an array first"],
  [types.isSet, "convert it to an array first"],
  [types.isWeakMap, "leave it out: its entries cannot be listed"],
  [types.isWeakSet, "leave it out: its entries cannot be listed"],
  [types.isRegExp, "store its source and flags instead"],
  [isError, "store its name and message instead"],
  [types.isAnyArrayBuffer, "convert it to an array or a base64 string first"],
  [ArrayBuffer.isView, "convert it to an array or a base64 string first"],
  // A Response, URLSearchParams, the iterator of a Map, and whatever else the platform has.
  [isOpaque, "store what it contains instead"],
];

/** Returns what is wrong with an object, after its `toJSON`, whose content JSON would lose, such as `is a Set; …`. */
export function lossOf(value: object): string | undefined {
  if (isPlain(value)) return undefined;
  const advice = LOSSY_OBJECTS.find(([is]) => is(value))?.[1];
  if (advice === undefined) return undefined;
  const name = nameOf(value);
  return `is ${/^[AEIO]/.test(name) ? "an" : "a"} ${name}; ${advice}`;
}

/** Returns true for an array, and for an object that is of no built-in class. Takes some nanoseconds. */
function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  // An error whose class was not made by `class` has no tag of its own.
  return (
    Object.prototype.toString.call(value) === "[object Object]" &&
    !(value instanceof Error) &&
    !isThenable(value)
  );
}

function isThenable(value: object): boolean {
  return typeof (value as { then?: unknown }).then === "function";
}

function isError(value: object): boolean {
  return value instanceof Error || types.isNativeError(value);
}

function isOpaque(value: object): boolean {
  return Object.keys(value).length === 0 && !types.isBoxedPrimitive(value);
}

/** Returns the name of an object's class: the reader's own, if it extends a built-in one. */
function nameOf(value: object): string {
  const tag = Object.prototype.toString.call(value).slice("[object ".length, -1);
  const isName = (name: unknown) => typeof name === "string" && name !== "" && name !== "Object";
  return [value.constructor?.name, tag].find(isName) ?? "thenable";
}
