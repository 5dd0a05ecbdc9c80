export {
  checkKey,
  checkText,
  encodeJson,
  hashJson,
  type Stored,
  UnstorableValueError,
} from "./json.ts";
export { describeError, messageOf, type StoredError } from "./stored-error.ts";
export { wholeNumber } from "./whole-number.ts";
