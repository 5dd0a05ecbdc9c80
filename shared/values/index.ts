export {
  checkKey,
  checkText,
  encodeJson,
  hashJson,
  type Stored,
  UnstorableValueError,
} from "./json.ts";
export { describeError, type StoredError } from "./stored-error.ts";
export { wholeNumber } from "./whole-number.ts";
