import { expect, test } from "vitest";
import { Bell } from "#engine/bell.ts";

test("a ring that nobody waits for is kept for the next who does, and for that one only", async () => {
  const bell = new Bell();
  bell.ring();
  bell.ring();
  expect(await bell.wait(3_600_000)).toBe(true);
  expect(await bell.wait(1)).toBe(false);
});

test("a ring wakes the one who waits", async () => {
  const bell = new Bell();
  const waiting = bell.wait(3_600_000);
  bell.ring();
  expect(await waiting).toBe(true);
  expect(await bell.wait(1)).toBe(false);
});
