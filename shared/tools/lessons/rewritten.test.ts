import { expect, test } from "vitest";
import { isAcross, openLessons } from "./rewritten.ts";

const lessons = ["01", "02", "03", "04"].map((number) => ({ number, folder: "", path: "" }));

test("two lessons belong to different groups if the border is between them", () => {
  expect(isAcross("02", "03", "02")).toBe(true);
  expect(isAcross("04", "01", "02")).toBe(true);
  expect(isAcross("01", "02", "02")).toBe(false);
  expect(isAcross("03", "04", "02")).toBe(false);
});

test("proofs do not reach the later lessons behind the border, nor the lesson before in front of it", () => {
  const open = (madeIn: string) => openLessons(madeIn, lessons, "02");
  expect(open("01")).toEqual(["03", "04"]);
  expect(open("02")).toEqual(["03", "04"]);
  expect(open("03")).toEqual(["02"]);
  expect(open("04")).toEqual([]);
  expect(openLessons("01", lessons, "04")).toEqual([]);
});
