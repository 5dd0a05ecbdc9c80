import { expect, test } from "vitest";
import { drainResult } from "./drain-result.ts";
import { verdictsOf } from "./targets.ts";

const results = [
  drainResult("raw SQL", "raw", 100),
  drainResult("lesson 07", "ours", 1),
  drainResult("lesson 08", "ours", 60),
  drainResult("graphile-worker", "queue", 50),
  drainResult("DBOS", "durable", 10),
];

test("the newest lesson is compared with the best of its peers", () => {
  const [peer, raw, memory] = verdictsOf(results);
  expect(peer).toMatchObject({ beside: "graphile-worker", value: 1.2, reached: true });
  expect(raw).toMatchObject({ beside: "raw SQL", value: 0.6, reached: true });
  expect(memory).toMatchObject({ beside: "DBOS", value: 1, reached: true });
});

test("a missed target is reported as missed", () => {
  const slower = [...results, drainResult("lesson 09", "ours", 49)];
  expect(verdictsOf(slower).map(({ reached }) => reached)).toEqual([false, false, true]);
});

test("a contestant with a failed run is no reference", () => {
  const wrong = { ...drainResult("pg-boss", "queue", 1_000), problems: ["a task ran twice"] };
  expect(verdictsOf([...results, wrong])[0]).toMatchObject({ beside: "graphile-worker" });
});
