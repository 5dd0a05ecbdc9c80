import { expect, test } from "vitest";
import { pollLimitMs } from "./poll-limit.ts";

// The clone may itself be below such a folder.
const guide = "/home/me/lessons/01-databases/guide";
const proof = `${guide}/lessons/05-event-log/proofs/steps.test.ts`;

test.each([
  ["05-event-log", 50_000],
  ["11-events", 50_000],
  ["04-queue-improvements", 5_000],
])("a proof of lesson 05 that runs on %s waits for up to %i ms", (lesson, limitMs) => {
  expect(pollLimitMs(proof, `${guide}/lessons/${lesson}`)).toBe(limitMs);
});

test("a file that belongs to no lesson is refused", () => {
  expect(() => pollLimitMs("/guide/shared/a.test.ts", "/guide/lessons/05-event-log")).toThrow(
    "/guide/shared/a.test.ts belongs to no lesson",
  );
});
