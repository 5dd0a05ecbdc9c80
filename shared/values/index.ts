export { encodeJson, hashJson, type Stored } from "./json.ts";
export { describeError, messageOf, type StoredError } from "./stored-error.ts";
export { checkKey, checkText, UnstorableValueError } from "./unstorable.ts";
export { wholeNumber } from "./whole-number.ts";
