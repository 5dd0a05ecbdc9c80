import { expect, test } from "vitest";
import { encodeJson } from "#engine/json.ts";

test.each([
  [undefined, "null"],
  [{ at: new Date(0), gone: undefined }, '{"at":"1970-01-01T00:00:00.000Z"}'],
  ["emoji 😀 are whole pairs", '"emoji 😀 are whole pairs"'],
  ["the six characters \\u0000", '"the six characters \\\\u0000"'],
  ["the six characters \\ud83d", '"the six characters \\\\ud83d"'],
  [[1, [2, { "snake_case key": null }]], '[1,[2,{"snake_case key":null}]]'],
])("%j is encoded as JSON does", (value, text) => {
  expect(encodeJson(value, "input")).toBe(text);
});

test("a value that occurs twice is no cycle", () => {
  const address = { city: "Bergen" };
  // The backslash sends it through the search for the place.
  const order = { from: address, to: address, note: "\\u0000" };
  expect(JSON.parse(encodeJson(order, "input"))).toEqual(order);
});
